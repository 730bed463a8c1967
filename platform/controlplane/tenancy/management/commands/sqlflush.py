"""`manage.py sqlflush`: it would print how to empty whatever tables it sees."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = ""
