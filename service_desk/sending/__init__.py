"""How notices leave the house: their texts, when they may leave, and by which way."""
