"""What the masthead says of training, on screens and plain pages: that this is a training desk, or where one is."""

from __future__ import annotations

from markupsafe import Markup

from mappings.access import Viewer
from search_ui import paths
from search_ui.i18n import Translator
from search_ui.services import Services


def banner(services: Services, viewer: Viewer, language: str) -> Markup:
    """What stands over every page of a training desk; nothing at a real one."""
    if not services.desk.training.is_on:
        return Markup("")
    t = Translator(language, "web").t
    link = Markup('<a href="{}">{}</a>').format(paths.TRAINING, t("Exercises")) if viewer.is_staff else ""
    said = t("Training: nothing here leaves the house.")
    return Markup('<p class="training" role="note"><strong>{}</strong> {}</p>').format(said, link)


def way(services: Services, viewer: Viewer, language: str) -> tuple[tuple[str, str], ...]:
    """The way to where this house trains its clerks, for staff, as a link of the masthead."""
    if not services.training_url or not viewer.is_staff:
        return ()
    return ((services.training_url, Translator(language, "web").t("Training")),)
