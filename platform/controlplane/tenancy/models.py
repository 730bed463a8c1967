"""What a release knows of itself, worked out once for all associations. Schema: public only."""

from typing import ClassVar

from django.db import models


class Template(models.Model):
    """What a new schema is made from, instead of running every migration again for each association."""

    fingerprint = models.CharField(max_length=64, unique=True)
    migrations = models.JSONField(default=list, db_default=[])  # [app, name] of each in the release; [] before 0002
    ddl = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.fingerprint[:12]


class Upgrade(models.Model):
    """What leads a schema from one set of applied migrations to a release (`upgrade.Plan`)."""

    start = models.CharField(max_length=64)
    release = models.CharField(max_length=64)
    plan = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "start"], name="upgrade_once")]

    def __str__(self) -> str:
        return f"{self.start[:12]} to {self.release[:12]}"
