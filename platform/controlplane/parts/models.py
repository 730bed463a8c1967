"""How the parts were when a worker last looked: what operations read without waiting for any. Schema: public only."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from controlplane.parts.probes import FINE

LATELY = timedelta(minutes=3)  # a beat looks every minute; a longer silence is a fault of its own


class PartQuerySet(models.QuerySet["Part"]):
    @transaction.atomic
    def note(self, states: dict[str, str]) -> None:
        """Write down how they are now; `since` stays as long as nothing changes."""
        now = timezone.now()
        for name, state in states.items():
            part, _new = self.select_for_update().get_or_create(
                name=name, defaults={"state": state, "since": now, "looked_at": now}
            )
            since = part.since if part.state == state else now
            self.filter(pk=part.pk).update(state=state, since=since, looked_at=now)


class Part(models.Model):
    """Something Kairan leans on, by a name of `probes.Name`."""

    name = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=80)  # ok, not set up, no answer, or what went wrong
    since = models.DateTimeField()
    looked_at = models.DateTimeField()

    objects = PartQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"

    @property
    def is_fine(self) -> bool:
        return self.state in FINE

    @property
    def is_known(self) -> bool:
        """Whether somebody has looked lately."""
        return self.looked_at > timezone.now() - LATELY
