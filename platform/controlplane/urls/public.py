"""The map of the apex host: entry form, operations, city, API, and in development the outbox."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("web.public.urls")),
    path("", include("web.staff.urls")),
    path("operations/", include("web.operations.urls")),
    path("city/", include("web.city.urls")),
    path("api/v1/", include("api.public_urls")),
]

if settings.DEVELOPMENT:
    urlpatterns.append(path("dev/", include("web.development.urls")))

handler400 = "web.errors.bad_request"
handler403 = "web.errors.forbidden"
handler404 = "web.errors.not_found"
handler500 = "web.errors.server_error"
