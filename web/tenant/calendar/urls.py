"""The calendar: a month, one event, planning, one's own phone. Its feed is at /calendar.ics: see web.tenant.urls."""

from django.urls import path

from web.tenant.calendar.views import event, month, phone, planning

urlpatterns = [
    path("", month.calendar, name="calendar"),
    path("new/", planning.new, name="event_new"),
    path("share/", phone.share, name="calendar_share"),
    path("share/revoke/", phone.revoke, name="calendar_revoke"),
    path("<int:pk>/", event.event, name="event"),
    path("<int:pk>/rsvp/", event.rsvp, name="rsvp"),
    path("<int:pk>/event.ics", phone.event_file, name="event_file"),
    path("<int:pk>/edit/", planning.edit, name="event_edit"),
    path("<int:pk>/cancel/", planning.cancel, name="event_cancel"),
]
