"""EAD 2002 and EAD3 finding aids, in any namespace or none: one record for the fonds and for every component at any
depth.

https://www.loc.gov/ead/tglib/  https://www.loc.gov/ead/EAD3taglib/
"""

from mappings.formats.ead.mapping import EadMapping

__all__ = ["EadMapping"]
