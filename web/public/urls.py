"""The apex host's public pages: the only ones anybody may open."""

from django.urls import include, path

from web.kept import kept
from web.language import language
from web.objection import objection
from web.public import application, landing, signing_in

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("", include("web.about")),
    path("kept/", kept, name="kept"),
    path("language/", language, name="language"),
    path("objection/<str:token>/", objection, name="objection"),
    path("apply/", application.apply, name="apply"),
    path("apply/<str:token>/", application.applicant, name="applicant"),
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/code/", signing_in.code, name="code"),
    path("sign-in/desk/", signing_in.after_sign_in, name="after_sign_in"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
]
