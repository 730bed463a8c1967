"""The city's desk (区役所・支所)."""

from django.urls import path

from web.city import dates, views

app_name = "city"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("adoption.csv", views.adoption_csv, name="adoption_csv"),
    path("dates/", dates.dates, name="dates"),
    path("dates/<int:pk>/", dates.date, name="date"),
    path("dates/<int:pk>/withdraw/", dates.withdraw, name="date_withdraw"),
    path("offices/", views.offices, name="offices"),
]
