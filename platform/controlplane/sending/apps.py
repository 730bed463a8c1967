from django.apps import AppConfig


class SendingConfig(AppConfig):
    name = "controlplane.sending"
    label = "sending"
