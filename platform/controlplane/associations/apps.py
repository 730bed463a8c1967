from django.apps import AppConfig


class AssociationsConfig(AppConfig):
    name = "controlplane.associations"
    label = "associations"
