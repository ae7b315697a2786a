"""Tables: CSV and TSV of any common encoding, XLSX, Parquet, JSON Lines, and rows that a database delivers."""

from mappings.formats.table.mapping import TableMapping

__all__ = ["TableMapping"]
