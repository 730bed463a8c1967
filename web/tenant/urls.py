"""The pages of an association's site, one folder a place."""

from django.urls import include, path

from web.kept import kept
from web.language import language
from web.objection import objection
from web.tenant.calendar.views.phone import calendar_feed
from web.tenant.members.erasing import erase_me

urlpatterns = [
    path("", include("web.about")),
    path("", include("web.tenant.feed.urls")),
    path("", include("web.tenant.joining.urls")),
    path("", include("web.tenant.offline.urls")),
    path("communities/", include("web.tenant.communities.urls")),
    path("federation/", include("web.tenant.federation.urls")),
    path("handover/", include("web.tenant.records.urls")),
    path("calendar.ics", calendar_feed, name="calendar_feed"),
    path("calendar/", include("web.tenant.calendar.urls")),
    path("members/", include("web.tenant.members.urls")),
    path("kept/", kept, name="kept"),
    path("language/", language, name="language"),
    path("menu/archive/", include("web.tenant.archive.urls")),
    path("menu/devices/", include("web.devices")),
    path("menu/erase/", erase_me, name="erase_me"),
    path("menu/", include("web.tenant.menu.urls")),
    path("objection/<str:token>/", objection, name="objection"),
    path("plan/", include("web.tenant.plan.urls")),
    path("search/", include("web.tenant.search.urls")),
    path("support/", include("web.tenant.support.urls")),
]
