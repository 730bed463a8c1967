"""`manage.py clearsessions --association SLUG`: Django's own, for one association; a task does it nightly for all."""

from django.contrib.sessions.management.commands.clearsessions import Command as DjangoCommand

from controlplane.tenancy.commands import AssociationCommand


class Command(AssociationCommand, DjangoCommand):
    pass
