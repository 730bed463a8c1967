"""`manage.py runserver`: Django's own, unbound. Each request is bound by its host."""

from whitenoise.runserver_nostatic.management.commands import runserver

from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand, runserver.Command):  # type: ignore[misc]
    pass
