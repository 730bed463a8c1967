"""`manage.py loaddata`: rows for whom, it cannot say."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = "One association: import or restore. The whole: pg_restore."
