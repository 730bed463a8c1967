"""Communities: the list, one of them by its tabs, the door, a moderator's work."""

from django.urls import path

from web.tenant.communities.views import leading, listing, room

urlpatterns = [
    path("", listing.communities, name="communities"),
    path("new/", listing.new, name="community_new"),
    path("<int:pk>/", room.community, name="community"),
    path("<int:pk>/events/", room.events, name="community_events"),
    path("<int:pk>/files/", room.files, name="community_files"),
    path("<int:pk>/records/", room.records, name="community_records"),
    path("<int:pk>/people/", leading.people, name="community_people"),
    path("<int:pk>/people/<int:n>/", leading.person, name="community_person"),
    path("<int:pk>/join/", listing.join, name="community_join"),
    path("<int:pk>/leave/", listing.leave, name="community_leave"),
    path("<int:pk>/reply/", listing.reply, name="community_reply"),
    path("<int:pk>/requests/", leading.answer, name="community_answer"),
    path("<int:pk>/reports/", leading.reports, name="community_reports"),
    path("<int:pk>/invite/", leading.invite, name="community_invite"),
    path("<int:pk>/change/", leading.change, name="community_change"),
    path("<int:pk>/close/", leading.close, name="community_close"),
    path("<int:pk>/reopen/", leading.reopen, name="community_reopen"),
]
