"""Copies that were made to order and are kept for everyone: which there are, of what, and which were taken back."""
