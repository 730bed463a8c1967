"""The calendar: a month, one event, planning, one's own phone. Its feed is at /calendar.ics: see web.tenant.urls."""

from django.urls import path

from web.tenant.calendar.views import answers, copying, event, importing, month, phone, planning

urlpatterns = [
    path("", month.calendar, name="calendar"),
    path("layers/", month.layer, name="calendar_layer"),
    path("new/", planning.new, name="event_new"),
    path("import/", importing.start, name="calendar_import"),
    path("import/take/", importing.take, name="calendar_take"),
    path("copy/", copying.copies, name="calendar_copy"),
    path("share/", phone.share, name="calendar_share"),
    path("share/revoke/", phone.revoke, name="calendar_revoke"),
    path("<int:pk>/", event.event, name="event"),
    path("<int:pk>/rsvp/", event.rsvp, name="rsvp"),
    path("<int:pk>/event.ics", phone.event_file, name="event_file"),
    path("<int:pk>/which/", planning.which, name="event_which"),
    path("<int:pk>/edit/", planning.edit, name="event_edit"),
    path("<int:pk>/move/", planning.move, name="event_move"),
    path("<int:pk>/put-back/", planning.put_back, name="event_put_back"),
    path("<int:pk>/cancel/", planning.cancel, name="event_cancel"),
    path("<int:pk>/answers/", answers.answers, name="event_answers"),
    path("<int:pk>/answers/enter/", answers.answer_for, name="event_answer_for"),
    path("<int:pk>/attendance/", answers.attendance, name="event_attendance"),
    path("<int:pk>/attendance.csv", answers.attendance_csv, name="event_attendance_csv"),
]
