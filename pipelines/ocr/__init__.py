"""Text of page images that came without one, read by what is installed (docs/enrichment.md)."""
