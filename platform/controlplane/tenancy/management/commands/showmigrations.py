"""`manage.py showmigrations`: Django's own, of `public`. The associations' are told by `manage.py fleet status`."""

from django.core.management.commands.showmigrations import Command as DjangoCommand

from controlplane.tenancy.commands import PublicCommand


class Command(PublicCommand, DjangoCommand):
    pass
