"""`manage.py check`: Django's own, unbound. It looks at settings and code."""

from django.core.management.commands.check import Command as DjangoCommand

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoCommand):
    pass
