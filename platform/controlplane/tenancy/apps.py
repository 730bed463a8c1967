from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "controlplane.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        from controlplane import folding  # noqa: F401 -- queries may ask `__says` and `__same` from now on
