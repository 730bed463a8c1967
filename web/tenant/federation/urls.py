"""Federations: consent on a member association's site, notices to members on a federation's."""

from django.urls import path

from web.tenant.federation import bulletins, views

urlpatterns = [
    path("", views.federation, name="federation"),
    path("consent/<int:pk>/", views.consent, name="federation_consent"),
    path("ask/", views.ask, name="federation_ask"),
    path("members/<int:pk>/end/", views.end, name="federation_end"),
    path("bulletins/new/", bulletins.new, name="federation_bulletin_new"),
    path("bulletins/reach/", bulletins.reach, name="federation_reach"),
    path("bulletins/drafts/<uuid:bulletin>/", bulletins.draft, name="federation_draft"),
    path("bulletins/drafts/<uuid:bulletin>/check/", bulletins.check, name="federation_check"),
    path("bulletins/drafts/<uuid:bulletin>/paper.pdf", bulletins.paper, name="federation_paper"),
    path("bulletins/drafts/<uuid:bulletin>/discard/", bulletins.discard, name="federation_discard"),
    path("bulletins/<uuid:bulletin>/files/<int:pk>/", bulletins.document, name="federation_file"),
    path("bulletins/<uuid:bulletin>/", bulletins.one, name="federation_bulletin"),
    path("bulletins/<uuid:bulletin>/edit/", bulletins.edit, name="federation_bulletin_edit"),
    path("bulletins/<uuid:bulletin>/withdraw/", bulletins.withdraw, name="federation_bulletin_withdraw"),
]
