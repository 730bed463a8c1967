"""Devices (端末): where somebody is signed in, as they see it themselves. One row a session, beside it."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from controlplane.accounts.browsers import LONGEST, Browser
from controlplane.accounts.ways import Way

NOTE = "device"  # the session's note of its row, under which key, and the day it was written


class DeviceQuerySet(models.QuerySet["Device"]):
    def alive(self) -> "DeviceQuerySet":
        """Those whose session is open: signing out and running out leave the row to the night."""
        opened = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
        return self.filter(Exists(opened))

    def but(self, way: Way | None) -> "DeviceQuerySet":
        return self.exclude(session_key=way.session_key) if way else self

    def end(self) -> None:
        """Sign these devices out, at once."""
        keys = list(self.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        Device.objects.filter(session_key__in=keys).delete()

    def seen(self, way: Way) -> None:
        """Note that a session was used today: one write a day, and one when its key has changed.

        Written into the session beside its own clock: being here makes no session live longer.
        """
        session, key, today = way.session, way.session_key, timezone.localdate()
        if session is None or not key or session.get(NOTE, [])[1:] == [key, today.isoformat()]:
            return
        pk = self._note(session.get(NOTE, [0])[0], user=int(session[SESSION_KEY]), way=way)
        was_modified = session.modified
        session[NOTE] = [pk, key, today.isoformat()]
        session.modified = was_modified
        if not was_modified:
            Session.objects.filter(session_key=key).update(session_data=session.encode(dict(session.items())))

    def _note(self, pk: int, *, user: int, way: Way) -> int:
        """The session's row: the one it has already, or a new one. Two requests at once make one."""
        key, today, browser = way.session_key, timezone.localdate(), way.browser
        if pk and self.filter(pk=pk, user=user).update(session_key=key, last_seen_on=today):
            return pk
        row = Device(user_id=user, session_key=key, system=browser.system, name=browser.name, last_seen_on=today)
        told = ["user", "system", "name", "last_seen_on"]
        made = self.bulk_create([row], update_conflicts=True, unique_fields=["session_key"], update_fields=told)
        return int(made[0].pk or 0)

    def prune(self) -> None:
        """Remove the rows of sessions that are over."""
        self.exclude(Exists(Session.objects.filter(session_key=OuterRef("session_key")))).delete()


class Device(models.Model):
    """A browser that somebody is signed in at. Where it is on earth nobody writes down."""

    # Without a constraint: the release before this one deletes accounts and sessions and knows nothing of devices.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices", db_constraint=False
    )
    session_key = models.CharField(max_length=40, unique=True)
    system = models.CharField(max_length=LONGEST, blank=True)
    name = models.CharField(max_length=LONGEST, blank=True)  # of the browser
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_on = models.DateField()

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-last_seen_on", "-pk"]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        return Browser(self.system, self.name).shown

    def end(self) -> None:
        Device.objects.filter(pk=self.pk).end()
