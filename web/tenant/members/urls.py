"""The roster and the officers' work around it."""

from django.urls import path

from web.tenant.members import admissions, erasing, invitations, seats, views

urlpatterns = [
    path("", views.members, name="members"),
    path("waiting/", admissions.admissions, name="admissions"),
    path("waiting/<int:pk>/admit/", admissions.admit, name="admit"),
    path("waiting/<int:pk>/decline/", admissions.decline, name="decline"),
    path("households/add/", views.household_add, name="household_add"),
    path("households/<int:pk>/", views.household, name="household"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/flyer/", invitations.flyer, name="invitation_flyer"),
    path("invitations/<int:pk>/withdraw/", invitations.withdraw, name="invitation_withdraw"),
    path("seats/", seats.seats, name="seats"),
    path("seats/print/", seats.on_paper, name="seats_print"),
    path("seats/<int:pk>/", seats.seat, name="seat"),
    path("groups/", seats.groups, name="groups"),
    path("groups/<int:pk>/", seats.group, name="group"),
    path("<int:pk>/", views.member, name="member"),
    path("<int:pk>/leave/", views.leave, name="leave"),
    path("<int:pk>/erase/", erasing.erase, name="erase"),
]
