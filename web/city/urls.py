"""The city's desk (区役所・支所)."""

from django.urls import path

from web.city import bulletins, dates, views

app_name = "city"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("adoption.csv", views.adoption_csv, name="adoption_csv"),
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/reach/", bulletins.reach, name="bulletin_reach"),
    path("bulletins/drafts/<uuid:bulletin>/", bulletins.draft, name="bulletin_draft"),
    path("bulletins/drafts/<uuid:bulletin>/check/", bulletins.check, name="bulletin_check"),
    path("bulletins/drafts/<uuid:bulletin>/paper.pdf", bulletins.paper, name="bulletin_paper"),
    path("bulletins/drafts/<uuid:bulletin>/discard/", bulletins.discard, name="bulletin_discard"),
    path("bulletins/<uuid:bulletin>/files/<int:pk>/", bulletins.document, name="bulletin_file"),
    path("bulletins/<uuid:bulletin>/", bulletins.one, name="bulletin"),
    path("bulletins/<uuid:bulletin>/edit/", bulletins.edit, name="bulletin_edit"),
    path("bulletins/<uuid:bulletin>/withdraw/", bulletins.withdraw, name="bulletin_withdraw"),
    path("dates/", dates.dates, name="dates"),
    path("dates/<int:pk>/", dates.date, name="date"),
    path("dates/<int:pk>/withdraw/", dates.withdraw, name="date_withdraw"),
    path("offices/", views.offices, name="offices"),
]
