"""What has run out under the current binding is removed, every night."""

from django.contrib.sessions.models import Session
from django.utils import timezone

from controlplane.accounts.login_codes import LoginCode
from controlplane.accounts.models.changes import ContactChange
from controlplane.accounts.models.devices import Device
from controlplane.accounts.models.tokens import ApiToken


def prune() -> None:
    """Sessions and the devices they were at, codes, tokens, and what was kept of changed contacts."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    Device.objects.prune()
    LoginCode.objects.prune()
    ApiToken.objects.prune()
    ContactChange.objects.prune()
