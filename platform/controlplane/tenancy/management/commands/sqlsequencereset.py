"""`manage.py sqlsequencereset`: keys are identity columns."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = ""
