"""Plain text, Markdown lists, and outlines in Org mode, in any encoding."""

from mappings.formats.text.mapping import TextMapping

__all__ = ["TextMapping"]
