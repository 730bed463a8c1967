"""The fourth tab: me, my home, and everything that has no tab of its own."""

from django.urls import path

from web.tenant.menu import address, contact, usage, views

urlpatterns = [
    path("", views.menu, name="menu"),
    path("text/", views.text_size, name="text_size"),
    path("profile/", views.profile, name="profile"),
    path("contact/", contact.contact, name="contact"),
    path("messages/", usage.message_usage, name="message_usage"),
    path("address/", address.address, name="address"),
    path("address/<int:pk>/verification/", address.address_verification, name="address_verification"),
    path("address/<int:pk>/primary/", address.address_primary, name="address_primary"),
    path("address/<int:pk>/removal/", address.address_removal, name="address_removal"),
    path("contact/code/", contact.contact_code, name="contact_code"),
]
