"""De-identified copies: personal data masked in text, on page images, in a rebuilt PDF (docs/deidentification.md)."""
