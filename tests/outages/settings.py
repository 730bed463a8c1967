"""Kairan's settings, with a beat that does in a second what it does in half a minute, and pages without collecting."""

from controlplane.settings import *  # noqa: F403
from controlplane.settings import CELERY_BEAT_SCHEDULE, STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
QUICK = ("send-waiting-messages", "tell-news", "process-waiting-stripe-events")
CELERY_BEAT_SCHEDULE = {name: {**CELERY_BEAT_SCHEDULE[name], "schedule": 1.0} for name in QUICK}

# Each act comes from a neighbour's own network: what is measured is an outage, not a limit.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
