"""The map of every association's site."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("api.tenant_urls")),
    path("", include("web.tenant.urls")),
]

handler400 = "web.errors.bad_request"
handler403 = "web.errors.forbidden"
handler404 = "web.errors.not_found"
handler500 = "web.errors.server_error"
