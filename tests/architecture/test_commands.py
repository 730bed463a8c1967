"""Every management command says where it stands: in one association, in `public`, unbound, or switched off.

Ours by their base class; Django's and other people's, when their source speaks to the database, by an override of ours.
"""

import inspect
import pkgutil
import re
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import django_tenants.management.commands
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import BaseCommand, CommandError, call_command, get_commands, load_command_class
from django.utils import timezone

from controlplane.tenancy import bound, current_or_none
from controlplane.tenancy.commands import AssociationCommand, PublicCommand, SteppingCommand, SwitchedOff

BASES = (AssociationCommand, PublicCommand, SteppingCommand, SwitchedOff)
COMMANDS = {name: load_command_class(app, name) for name, app in sorted(get_commands().items())}
STOCK = sorted(module.name for module in pkgutil.iter_modules(django_tenants.management.commands.__path__))
ROOT = Path(__file__).resolve().parents[2]
SPEAKS_TO_THE_DATABASE = re.compile(r"django\.db\b|serializers|SESSION_ENGINE|get_user_model|apps\.get_models?\b")


def of(base: type[BaseCommand]) -> list[str]:
    return [name for name, command in COMMANDS.items() if isinstance(command, base)]


def sources(command: BaseCommand) -> str:
    """The modules a command is made of, those of Django's general base classes left out."""
    modules = {each.__module__ for each in type(command).__mro__} - {"builtins", "django.core.management.base"}
    return "\n".join(inspect.getsource(sys.modules[name]) for name in modules)


def is_ours(command: BaseCommand) -> bool:
    path = Path(inspect.getfile(type(command)))
    return path.is_relative_to(ROOT) and "site-packages" not in path.parts


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_where_it_stands(name):
    command = COMMANDS[name]
    if is_ours(command) or SPEAKS_TO_THE_DATABASE.search(sources(command)):
        assert isinstance(command, BASES), f"`manage.py {name}` has none of the bases of controlplane.tenancy.commands."


def test_the_measure_finds_a_command_that_says_nothing():
    from django.core.management.commands import dumpdata, flush, startapp

    assert SPEAKS_TO_THE_DATABASE.search(sources(flush.Command()))
    assert SPEAKS_TO_THE_DATABASE.search(sources(dumpdata.Command()))
    assert not SPEAKS_TO_THE_DATABASE.search(sources(startapp.Command()))
    assert is_ours(COMMANDS["fleet"])
    assert not is_ours(startapp.Command())


@pytest.mark.parametrize("name", of(AssociationCommand))
def test_an_association_s_command_refuses_without_one(db, name):
    for given in ((), ("--association", "nobody"), ("--association", "public"), ("--association", "")):
        with pytest.raises(CommandError):
            call_command(name, *given, stdout=StringIO())


@pytest.mark.parametrize("name", of(SwitchedOff))
def test_a_command_that_is_switched_off_does_nothing(db, name):
    with pytest.raises(CommandError):
        call_command(name)
    with pytest.raises(CommandError):
        call_command(name, "members", "accounts.User")


@pytest.mark.parametrize("name", STOCK)
def test_django_tenants_own_commands_are_not_there(name):
    """They would bind whole sessions, fall back to `public`, drop or rename schemas."""
    if name in COMMANDS:
        assert isinstance(COMMANDS[name], BASES)
        assert is_ours(COMMANDS[name])


def test_stock_has_dangerous_commands_that_are_looked_for():
    assert {"migrate_schemas", "tenant_command", "create_tenant", "delete_tenant", "rename_schema"} <= set(STOCK)
    assert not {"migrate_schemas", "tenant_command", "create_tenant", "delete_tenant", "rename_schema"} & set(COMMANDS)


@pytest.mark.parametrize(
    "code",
    [
        "from tenants.members.models import Member; Member.objects.count()",
        "from django.core.cache import cache; cache.get('x')",
        "from controlplane.tenancy import sign, Purpose; sign(Purpose.CALENDAR, 1)",
    ],
)
def test_a_shell_refuses_what_belongs_to_nobody(tonan, code):
    """Also when whoever calls it stands in an association."""
    with bound(tonan), pytest.raises(CommandError, match="Nothing is bound"):
        call_command("shell", "-c", code, stdout=StringIO())


def test_a_command_runs_in_the_association_it_was_given(tonan, fujishiro):
    for association in (tonan, fujishiro):
        with bound(association):
            _expired_session()
    call_command("clearsessions", "--association", "tonan", stdout=StringIO())
    with bound(tonan):
        assert not Session.objects.exists()
    with bound(fujishiro):
        assert Session.objects.count() == 1
    assert current_or_none() is None


def _expired_session() -> None:
    store = SessionStore()
    store.set_expiry(timezone.now() - timedelta(days=1))
    store.create()


def test_a_public_command_runs_in_public(db):
    told = StringIO()
    call_command("showmigrations", "associations", stdout=told)
    assert "[X] 0001_initial" in told.getvalue()
