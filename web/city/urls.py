"""The city's desk (区役所・支所)."""

from django.urls import path

from web.city import views

app_name = "city"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("adoption.csv", views.adoption_csv, name="adoption_csv"),
    path("offices/", views.offices, name="offices"),
]
