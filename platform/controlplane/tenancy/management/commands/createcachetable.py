"""`manage.py createcachetable`: Django's own, unbound, because test databases call it. No cache is in the database."""

from django.core.management.commands.createcachetable import Command as DjangoCommand

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoCommand):
    pass
