"""`manage.py makemigrations`: Django's own, unbound. It looks at models and files."""

from django.core.management.commands.makemigrations import Command as DjangoCommand

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, DjangoCommand):
    pass
