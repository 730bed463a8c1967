from django.apps import AppConfig


class PartsConfig(AppConfig):
    name = "controlplane.parts"
    label = "parts"
