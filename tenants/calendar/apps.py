from importlib import import_module

from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "tenants.calendar"
    label = "calendar"

    def ready(self) -> None:
        import_module("tenants.calendar.shelf")  # puts up what search finds here
        import_module("tenants.calendar.powers")  # and who may do what
