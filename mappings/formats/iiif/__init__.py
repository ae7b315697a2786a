"""IIIF Presentation API 2 and 3: manifests and collections, read from files; nothing they name is fetched."""

from mappings.formats.iiif.mapping import IiifMapping

__all__ = ["IiifMapping"]
