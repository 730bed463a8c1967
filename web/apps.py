"""The pages of Kairan: HTML and htmx, no models, no rules."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
    verbose_name = "Kairan web"
