from importlib import import_module

from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "tenants.feed"
    label = "feed"

    def ready(self) -> None:
        import_module("tenants.feed.models.shelves")  # puts up what search finds here
        import_module("tenants.feed.powers")  # and who may do what
