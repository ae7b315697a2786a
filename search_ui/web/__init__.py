"""Plain pages: server-rendered, linkable, printable, readable without script."""

from search_ui.web.record import not_found
from search_ui.web.routing import routes

__all__ = ["not_found", "routes"]
