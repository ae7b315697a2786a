"""PDF (ISO 32000): one file is one volume, its pages with the text layer, read with PDFium."""

from mappings.formats.pdf.mapping import PdfMapping

__all__ = ["PdfMapping"]
