"""`manage.py remove_stale_contenttypes`: nothing refers to content types."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = ""
