from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "tenants.calendar"
    label = "calendar"
