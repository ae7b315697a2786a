"""Commands for accounts and their roles: `onestop user ...`, `onestop role ...`."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onestop import console, errors
from onestop.options import JsonOption, WorkspaceOption, remember, typed

if TYPE_CHECKING:
    from mappings.grants import Scope
    from service_desk.views import AccountView, RoleView

user_app = typer.Typer(help="Accounts.", no_args_is_help=True)
role_app = typer.Typer(help="Roles: who may do what.", no_args_is_help=True)
user_app.callback()(remember)
role_app.callback()(remember)

NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
RoleOption = Annotated[str, typer.Option(metavar="ROLE", help="What the account may do; `onestop role list`.")]
HolderOption = Annotated[str | None, typer.Option("--holder", metavar="TEXT", help="Only where this archive holds.")]
FondsOption = Annotated[
    str | None, typer.Option("--fonds", metavar="CODE", help="Only in this fonds: its reference code, else its title.")
]
DepartmentOption = Annotated[str | None, typer.Option("--department", metavar="TEXT", help="Only of this department.")]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language", metavar="LANGUAGE", help="In which they are sent tasks and alarms: en, zh-Hans, zh-Hant."
    ),
]
ThemeOption = Annotated[str | None, typer.Option("--theme", metavar="NAME", help="Only in this theme.")]


@user_app.command("add")
def user_add(
    context: typer.Context,
    name: NameArgument,
    role: RoleOption,
    language: LanguageOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Add an account; its password is asked for, or taken from ONESTOP_PASSWORD."""
    from service_desk.passwords import password_advice

    with context.obj.open(workspace) as here:
        here.desk.roles.check(role)
        password = _password()
        here.desk.accounts.add(typed(name), password, role, by=who(), language=language)
    console.say(" ".join(filter(None, (f"Added {name} as {role}.", password_advice(password)))))


@user_app.command("list")
def user_list(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show every account with its roles and where they hold."""
    with context.obj.open(workspace) as here:
        accounts = here.desk.accounts.all()
    if json:
        console.put_json({"accounts": [_account(account) for account in accounts]})
        return
    table = console.new_table("Name", "Called", "Roles", "Since", "")
    for account in accounts:
        closed = "closed" if account.disabled else ""
        cells = (account.name, account.display_name, told(account.roles), f"{account.created:%Y-%m-%d}", closed)
        table.add_row(*map(console.styled, cells))
    console.show(table)


@user_app.command("give")
def user_give(
    context: typer.Context,
    name: NameArgument,
    role: RoleOption,
    holder: HolderOption = None,
    fonds: FondsOption = None,
    department: DepartmentOption = None,
    theme: ThemeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Give an account a further role, everywhere or only within a scope. It counts at once."""
    with context.obj.open(workspace) as here:
        has = here.desk.roles.give(typed(name), role, _scope(holder, fonds, department, theme), who())
    console.say(f"{name} is now: {told(has)}.")


@user_app.command("take")
def user_take(
    context: typer.Context,
    name: NameArgument,
    role: RoleOption,
    holder: HolderOption = None,
    fonds: FondsOption = None,
    department: DepartmentOption = None,
    theme: ThemeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a role back that an account has within that scope. It counts at once."""
    with context.obj.open(workspace) as here:
        has = here.desk.roles.take_back(typed(name), role, _scope(holder, fonds, department, theme), who())
    console.say(f"{name} is now: {told(has)}.")


@user_app.command("password")
def user_password(context: typer.Context, name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Set a new password, asked for, or taken from ONESTOP_PASSWORD; the account is signed out everywhere."""
    with context.obj.open(workspace) as here:
        here.desk.accounts.viewer(typed(name))
        here.desk.accounts.set_password(typed(name), _password(), by=who())
    console.say(f"{name} has a new password, and is signed out everywhere.")


@user_app.command("language")
def user_language(
    context: typer.Context,
    name: NameArgument,
    language: Annotated[
        str | None, typer.Argument(metavar="LANGUAGE", help="en, zh-Hans or zh-Hant; left out: as the archive does.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Choose the language in which somebody who works here is sent tasks and alarms."""
    with context.obj.open(workspace) as here:
        here.desk.accounts.set_language(typed(name), language, by=who())
    console.say(f"{name} is told in {language}." if language else f"{name} is told in the language of the archive.")


@user_app.command("close")
def user_close(context: typer.Context, name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Close an account for good: it stays named in the history, and nobody signs in to it."""
    with context.obj.open(workspace) as here:
        here.desk.accounts.disable(typed(name), by=who())
    console.say(f"The account {name} is closed.")


@role_app.command("list")
def role_list(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show each role and what it allows, by the policy in force."""
    from onestop.policies import shown

    with context.obj.open(workspace) as here:
        policy, versions = here.desk.roles.policy, here.desk.roles.versions()
    roles = shown(policy)
    if json:
        since = [{"digest": one.digest, "at": one.at.isoformat(), "by": one.by} for one in versions]
        console.put_json({"digest": policy.digest, "roles": roles, "versions": since})
        return
    table = console.new_table("Role", "Called", "May")
    for role in roles:
        table.add_row(*map(console.styled, (role["role"], role["title"]["en"], " ".join(role["permissions"]) or "-")))
    console.show(table)


@role_app.command("check")
def role_check(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Read the policy of roles as the server would, and tell what is wrong with it."""
    from onestop.policies import check

    with context.obj.open(workspace) as here:
        told = check(here)
    if json:
        console.put_json(told)
    else:
        _put_check(told)
    return errors.DONE if told["ok"] else errors.PARTLY


def _put_check(told: dict[str, Any]) -> None:
    from mappings.mistakes import Mistake

    for problem in told["problems"]:
        console.say(f"{told['file']}: {Mistake(**problem)}")
    if told["ok"]:
        console.say("The policy of roles can be followed.")


def told(roles: Iterable[RoleView]) -> str:
    """The roles of an account on one line."""
    return "; ".join(f"{one.role}{_limits(one.scope)}" for one in roles) or "nothing"


def _limits(scope: Scope) -> str:
    limits = ", ".join(f"{name} {value}" for name, value in _parts(scope).items())
    return f" ({limits})" if limits else ""


def _parts(scope: Scope) -> dict[str, str]:
    from msgspec import structs

    return {name: value for name, value in structs.asdict(scope).items() if value is not None}


def _account(account: AccountView) -> dict[str, Any]:
    return {
        "name": account.name,
        "display_name": account.display_name,
        "roles": [{"role": one.role, **_parts(one.scope)} for one in account.roles],
        "created": account.created.isoformat(timespec="seconds"),
        "closed": account.disabled,
        "language": account.language,
    }


def _scope(holder: str | None, fonds: str | None, department: str | None, theme: str | None) -> Scope:
    from mappings.grants import Scope

    return Scope(*(typed(part) if part else None for part in (holder, fonds, department, theme)))


def who() -> str:
    """Who types the command, as far as the system says."""
    try:
        return f"command line, {getpass.getuser()}"
    except (KeyError, OSError):  # nobody has this number
        return "command line"


def _password() -> str:
    """From ONESTOP_PASSWORD, else asked for twice. Raises SettingsError when there is nobody to ask."""
    given = os.environ.get("ONESTOP_PASSWORD")
    if given:
        return given
    if not sys.stdin.isatty():
        raise errors.SettingsError("No password: set ONESTOP_PASSWORD, or run the command in a terminal.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
