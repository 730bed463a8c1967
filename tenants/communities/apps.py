from importlib import import_module

from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "tenants.communities"
    label = "communities"

    def ready(self) -> None:
        import_module("tenants.communities.shelf")  # puts up what search finds here
        import_module("tenants.communities.powers")  # and who may do what
