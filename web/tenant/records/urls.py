"""Handover records: the list, one of them, writing, paper and table."""

from django.urls import path

from web.tenant.records import views

urlpatterns = [
    path("", views.records, name="records"),
    path("new/", views.new, name="record_new"),
    path("print/", views.on_paper, name="records_print"),
    path("records.csv", views.table, name="records_csv"),
    path("<int:pk>/", views.one, name="record"),
    path("<int:pk>/edit/", views.edit, name="record_edit"),
    path("<int:pk>/remove/", views.remove, name="record_remove"),
    path("<int:pk>/files/", views.add_files, name="record_files"),
    path("<int:pk>/files/<int:n>/removal/", views.remove_file, name="record_file_removal"),
    path("<int:pk>/notes/", views.note, name="record_note"),
]
