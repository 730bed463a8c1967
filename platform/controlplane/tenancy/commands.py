"""Base classes of every management command. One without any of them is refused by the invariant tests.

Django's own that speak to the database stand in tenancy/management/commands with one of these bases, or switched off.
"""

from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, connection, transaction

from controlplane.tenancy.binding import Unbound, bound, public, unbound

UNDEFINED_TABLE = "42P01"


class AssociationCommand(BaseCommand):
    """Runs inside one association's binding and transaction: `--association SLUG` is required."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--association", required=True, metavar="SLUG", help="the association it is about")
        return parser

    def execute(self, *args: Any, association: str, **options: Any) -> str | None:
        with bound(self._association(association)):
            return super().execute(*args, **options)

    def _association(self, slug: str) -> Any:
        from controlplane.associations.models import Association

        with public():
            found = Association.objects.filter(slug=slug, live_at__isnull=False).first()
        if found is None:
            raise CommandError(f"No association has the slug {slug!r}.")
        return found


class PublicCommand(BaseCommand):
    """About the platform's own tables: runs inside one transaction bound to `public`."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with public():
            return super().execute(*args, **options)


class SteppingCommand(BaseCommand):
    """Starts unbound and binds for itself, if it needs rows at all. A query outside a binding ends it, plainly said."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with unbound(), transaction.atomic() if connection.in_atomic_block else nullcontext():
                return super().execute(*args, **options)
        except (ProgrammingError, Unbound) as error:
            if isinstance(error, Unbound) or getattr(error.__cause__, "sqlstate", "") == UNDEFINED_TABLE:
                raise CommandError(f"Whose? Nothing is bound here: bound(association) or public(). {error}") from error
            raise


class SwitchedOff(BaseCommand):
    """A command of Django's that does not fit a database with a schema for each association; says what does."""

    instead = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("anything", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(f"Kairan has no such command. {self.instead}".strip())
