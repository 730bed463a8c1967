"""`manage.py dbshell`: Django's own, unbound. psql opens on no schema: SET search_path to the one that is meant."""

from django.core.management.commands.dbshell import Command as DjangoCommand

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoCommand):
    pass
