"""Attacks on the real application, one file a kind; docs/security.md says what each shows."""
