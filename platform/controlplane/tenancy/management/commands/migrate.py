"""`manage.py migrate`: Django's own, pinned to `public`, then the release's template for associations is compiled."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

from controlplane.tenancy import pooler, template
from controlplane.tenancy.binding import PUBLIC


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        with template.pinned(PUBLIC):
            pooler.start_unbound()
            super().handle(*args, **options)
        if not (args or options["plan"] or options["check_unapplied"] or options["fake"] or options["app_label"]):
            template.compile_release()
