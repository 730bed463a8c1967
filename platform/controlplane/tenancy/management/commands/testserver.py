"""`manage.py testserver`: fixtures have no association."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = "make run"
