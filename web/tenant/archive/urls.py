"""Taking the association's data along (データの持ち出し)."""

from django.urls import path

from web.tenant.archive import views

urlpatterns = [
    path("", views.archive, name="archive"),
    path("<int:pk>/file/", views.file, name="archive_file"),
]
