"""MARC 21, UNIMARC and CNMARC records in ISO 2709, MARCXML and MARC-in-JSON: bibliographic, holdings and authority.

https://www.loc.gov/marc/  https://www.ifla.org/g/unimarc-rg/unimarc-publications/
"""

from mappings.formats.marc.mapping import MarcMapping

__all__ = ["MarcMapping"]
