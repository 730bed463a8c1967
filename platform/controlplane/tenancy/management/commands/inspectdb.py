"""`manage.py inspectdb`: the models are in the code."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = ""
