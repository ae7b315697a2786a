"""The HTTP API of version 1: the contract's routes, problem documents for errors, bounds on what one client may ask."""

from search_ui.api.application import create

__all__ = ["create"]
