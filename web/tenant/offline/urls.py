"""What a phone keeps of a site, to show it where there is no line."""

from django.urls import path

from web.tenant.offline import views

urlpatterns = [
    path("sw.js", views.worker, name="service_worker"),
    path("app.webmanifest", views.manifest, name="manifest"),
    path("offline/", views.offline, name="offline"),
]
