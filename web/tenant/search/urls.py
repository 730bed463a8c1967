"""Searching."""

from django.urls import path

from web.tenant.search import views

urlpatterns = [path("", views.search, name="search")]
