"""The city's desk (区役所・支所)."""

from django.urls import path

from web.city import bulletins, dates, views

app_name = "city"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("adoption.csv", views.adoption_csv, name="adoption_csv"),
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/<uuid:bulletin>/", bulletins.one, name="bulletin"),
    path("bulletins/<uuid:bulletin>/edit/", bulletins.edit, name="bulletin_edit"),
    path("bulletins/<uuid:bulletin>/withdraw/", bulletins.withdraw, name="bulletin_withdraw"),
    path("dates/", dates.dates, name="dates"),
    path("dates/<int:pk>/", dates.date, name="date"),
    path("dates/<int:pk>/withdraw/", dates.withdraw, name="date_withdraw"),
    path("offices/", views.offices, name="offices"),
]
