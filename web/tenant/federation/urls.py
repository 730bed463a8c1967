"""Federations: consent on a member association's site, notices to members on a federation's."""

from django.urls import path

from web.tenant.federation import views

urlpatterns = [
    path("", views.federation, name="federation"),
    path("consent/<int:pk>/", views.consent, name="federation_consent"),
    path("ask/", views.ask, name="federation_ask"),
    path("members/<int:pk>/end/", views.end, name="federation_end"),
    path("bulletins/new/", views.new, name="federation_bulletin_new"),
    path("bulletins/<uuid:bulletin>/", views.one, name="federation_bulletin"),
    path("bulletins/<uuid:bulletin>/edit/", views.edit, name="federation_bulletin_edit"),
    path("bulletins/<uuid:bulletin>/withdraw/", views.withdraw, name="federation_bulletin_withdraw"),
]
