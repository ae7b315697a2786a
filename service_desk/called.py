"""What the things of the rules are called in the language of whoever looks."""

from __future__ import annotations

from dataclasses import dataclass

from service_desk.materials import Materials
from service_desk.request_types import Types
from service_desk.routes import Departments, Routes


@dataclass(frozen=True, slots=True)
class Called:
    """Titles of types, materials, relations, routes and departments; of what is no more, its code."""

    language: str
    types: Types
    materials: Materials
    routes: Routes
    departments: Departments

    def type(self, code: str) -> str:
        """A type of requests."""
        return self.types.rule(code).title.in_language(self.language)

    def material(self, code: str) -> str:
        """A material."""
        return self.materials.title(code, self.language)

    def how(self, code: str) -> str:
        """How a material is supplied."""
        return self.materials.how(code, self.language)

    def relation(self, code: str) -> str:
        """What a reader is to the matter."""
        found = self.materials.relations.get(code)
        return found.in_language(self.language) if found else code

    def route(self, name: str) -> str:
        """A route."""
        return self.routes.title(name, self.language)

    def department(self, code: str) -> str:
        """A department."""
        return self.departments.title(code, self.language)
