from importlib import import_module

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "tenants.members"
    label = "members"

    def ready(self) -> None:
        import_module("tenants.members.powers")  # puts up who may do what
