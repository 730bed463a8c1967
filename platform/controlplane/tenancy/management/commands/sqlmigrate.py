"""`manage.py sqlmigrate`: Django's own, unbound. It looks at files."""

from django.core.management.commands.sqlmigrate import Command as DjangoCommand

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoCommand):
    pass
