"""`manage.py flush`: it would empty whatever tables it sees."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = "Development data: make reset."
