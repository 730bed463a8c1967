from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "tenants.search"
    label = "search"
