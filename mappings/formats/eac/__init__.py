"""EAC-CPF 1.x and EAC 2.0: persons, corporate bodies and families as authority records.

https://eac.staatsbibliothek-berlin.de/  https://eac-cpf.github.io/  ISAAR(CPF) 2nd ed. gives the elements.
"""

from mappings.formats.eac.mapping import EacMapping

__all__ = ["EacMapping"]
