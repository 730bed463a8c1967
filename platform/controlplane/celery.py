"""The Celery application. Every task is based on one of `controlplane.tenancy.tasks`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "controlplane.settings")

app = Celery("kairan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_shutdown.connect
def hand_over_what_waits(**_about: Any) -> None:
    """A worker's child ends without what Python does at exit."""
    from controlplane.tenancy import sender

    sender.flush()
