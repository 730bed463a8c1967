from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "controlplane.staff"
    label = "staff"
