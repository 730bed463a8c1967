"""The Celery application. Every task is based on one of `controlplane.tenancy.tasks`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "controlplane.settings")

app = Celery("kairan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
