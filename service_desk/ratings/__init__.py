"""What readers say of the answer they got, in the words of the field's standard: one to five, once for each closing."""
