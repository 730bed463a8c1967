"""Coming in: /sign-in/ … /waiting/ and the link of an invitation."""

from django.urls import path

from web.tenant.joining import registration, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.code, name="code"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("register/", registration.register, name="register"),
    path("waiting/", registration.waiting, name="waiting"),
    path("i/<str:code>/", registration.invite, name="invite"),
]
