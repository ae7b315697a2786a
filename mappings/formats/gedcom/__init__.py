"""GEDCOM 5.5, 5.5.1 and 7: persons and families as authority records, the living among them for staff only.

https://gedcom.io/specs/
"""

from mappings.formats.gedcom.mapping import GedcomMapping

__all__ = ["GedcomMapping"]
