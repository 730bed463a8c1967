"""Who works for operations (運営事務局). Schema: public only."""

from django.conf import settings
from django.db import models


class Operator(models.Model):
    """A user of the apex host who works for operations (運営事務局)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="operator")
    name = models.CharField(max_length=80)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
