"""`manage.py migrate`: Django's own, pinned to `public`, then all that making and bringing up associations needs."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

from controlplane.tenancy import database, template, upgrade
from controlplane.tenancy.binding import PUBLIC
from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        with template.pinned(PUBLIC):
            database.prepare()
            super().handle(*args, **options)
        if not (args or options["plan"] or options["check_unapplied"] or options["fake"] or options["app_label"]):
            template.compile_release()
            upgrade.prepare()
