"""The fourth tab: me, my home, and everything that has no tab of its own."""

from django.urls import path

from web.tenant.menu import contact, views

urlpatterns = [
    path("", views.menu, name="menu"),
    path("text/", views.text_size, name="text_size"),
    path("profile/", views.profile, name="profile"),
    path("contact/", contact.contact, name="contact"),
    path("contact/code/", contact.contact_code, name="contact_code"),
]
