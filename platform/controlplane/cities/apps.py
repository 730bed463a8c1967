from django.apps import AppConfig


class CitiesConfig(AppConfig):
    name = "controlplane.cities"
    label = "cities"
