"""Errors of the nightly run, each named by what to do next."""

from __future__ import annotations


class PipelineError(Exception):
    """Root of all errors of this package. The message says what, where and what to do."""


class WorkspaceLocked(PipelineError):
    """Another run works in this workspace: wait for it to end."""


class StoreUnusable(PipelineError):
    """The record store cannot be opened or was written by another version."""


class Overtaken(StoreUnusable):
    """Somebody else has committed the version that was to be ours: write the rows again under the next."""


class ItemLost(PipelineError):
    """The worker process that read an item died or the item moved while it was read."""
