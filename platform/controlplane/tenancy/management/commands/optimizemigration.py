"""`manage.py optimizemigration`: Django's own, unbound. It looks at files."""

from django.core.management.commands.optimizemigration import Command as DjangoCommand

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoCommand):
    pass
