"""Fuzzing of every parser with coverage guidance: `make fuzz`. In CI, hypothesis does a smaller share of this."""
