"""`manage.py dumpdata`: rows of whom, it cannot say."""

from controlplane.tenancy.commands import SwitchedOff


class Command(SwitchedOff):
    instead = "One association: export. The whole: pg_dump."
