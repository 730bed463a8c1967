"""Communities: the list, one of them, starting one, the door."""

from django.urls import path

from web.tenant.communities import views

urlpatterns = [
    path("", views.communities, name="communities"),
    path("new/", views.new, name="community_new"),
    path("<int:pk>/", views.community, name="community"),
    path("<int:pk>/join/", views.join, name="community_join"),
    path("<int:pk>/leave/", views.leave, name="community_leave"),
    path("<int:pk>/requests/", views.answer, name="community_answer"),
]
