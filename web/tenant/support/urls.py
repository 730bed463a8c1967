"""Letting operations look in, seeing what they looked at, ending it. And their door."""

from django.urls import path

from web.tenant.support import door, views

urlpatterns = [
    path("", views.support, name="support"),
    path("grant/", views.grant, name="support_grant"),
    path("revocation/", views.revoke, name="support_revoke"),
    path("end/", door.leave, name="support_leave"),
    path("<str:token>/", door.come_in, name="support_door"),
]
