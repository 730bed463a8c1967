"""Open pages of the development server; the apex host leaves them out unless DEVELOPMENT is on."""

from django.urls import path

from web.development import views

urlpatterns = [
    path("outbox/", views.outbox, name="dev_outbox"),
    path("outbox/<int:pk>/attachments/<int:n>/", views.attachment, name="dev_attachment"),
    path("outbox.json", views.outbox_json, name="dev_outbox_json"),
    path("logins/", views.logins_page, name="dev_logins"),
    path("logins.json", views.logins_json, name="dev_logins_json"),
    path("catalogue/", views.catalogue, name="dev_catalogue"),
]
