"""METS packages: pages, their files and their description."""

from mappings.formats.mets.mapping import MetsMapping

__all__ = ["MetsMapping"]
