"""Personal data found by rule: where it stands in records and on pages, never what it says (docs/enrichment.md)."""
