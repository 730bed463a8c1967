"""`manage.py createsuperuser`: nobody is above the rules."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = "Operators are rows of Operator, beside their User in public."
