"""What tests of legs are made of: rules with departments and partners, people of a department."""

from __future__ import annotations

from mappings.grants import Scope
from service_desk.desk import Desk
from service_desk.legs.rules import Partners
from service_desk.roles import bundled
from service_desk.routes import Departments, Routes
from service_desk.rules import bundled_text
from service_desk.views import RoleView

FILMS = bundled().viewer("films", [RoleView("department_worker", Scope(department="special"))])
STACKS = bundled().viewer("stacks", [RoleView("department_worker", Scope(department="holdings"))])
HARBOUR = """partners:
  harbour:
    title: {en: Harbour Archives, zh-Hans: 港口档案馆, zh-Hant: 港口檔案館}
    holders: [Harbour Archives]
    email: {address: desk@harbour.example, language: en}
  hill:
    title: {en: Hill Archives, zh-Hans: 山城档案馆, zh-Hant: 山城檔案館}
    tell: [name]
    email: {address: desk@hill.example, language: zh-Hans}
"""
ROUTES = """routes:
  harbour:
    title: {en: Harbour, zh-Hans: 港口, zh-Hant: 港口}
    when: {holder: [Harbour Archives]}
    to: partner
    expects: {en: A copy, zh-Hans: 副本, zh-Hant: 副本}
  films:
    title: {en: Film, zh-Hans: 声像, zh-Hant: 影音}
    when: {type: [copy]}
    to: department
    department: special
    expects: {en: "A copy that can be played", zh-Hans: 可播放的副本, zh-Hant: 可播放之複製物}
  window:
    title: {en: Window, zh-Hans: 窗口, zh-Hant: 窗口}
    to: window
"""


def ruled(desk: Desk, partners: str = HARBOUR, routes: str = ROUTES) -> None:
    """Bring partners and routes into force."""
    desk.rules.bring_into_force(Partners, partners_text(partners), "test")
    desk.rules.bring_into_force(Routes, routes, "test")


def partners_text(partners: str) -> str:
    """The document of the package with other partners."""
    return bundled_text(Partners).replace("partners: {}\n", partners)


def staffed(desk: Desk) -> None:
    """People of two departments."""
    assert desk.rules.now(Departments).departments.keys() >= {"special", "holdings"}
    for viewer, department in ((FILMS, "special"), (STACKS, "holdings")):
        assert viewer.name is not None
        desk.accounts.add(viewer.name, viewer.name, "reader")
        desk.roles.give(viewer.name, "department_worker", Scope(department=department), "test")
