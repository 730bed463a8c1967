"""The Django project and the floor everyone stands on. Knows nobody: settings and urls name the others as strings."""

from controlplane.celery import app as celery_app

__all__ = ["celery_app"]
