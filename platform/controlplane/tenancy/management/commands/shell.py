"""`manage.py shell`: Django's own, unbound. Each query wants a binding: with bound(association) or public()."""

from django.core.management.commands.shell import Command as DjangoCommand

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoCommand):
    pass
