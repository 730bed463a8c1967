"""The map of a host that is nobody's site: no pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
