"""`manage.py changepassword`: there are no passwords."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = "People and staff sign in with a code."
