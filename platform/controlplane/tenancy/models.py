"""Compiled templates: the tables of an association as constant SQL, one row per release. Schema: public only."""

from django.db import models


class Template(models.Model):
    """What a new schema is made from, instead of running every migration again for each association."""

    fingerprint = models.CharField(max_length=64, unique=True)
    ddl = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.fingerprint[:12]
