"""Operations' desk (運営事務局)."""

from django.urls import path

from web.operations import associations, messages, queue, runs

app_name = "operations"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("applications.csv", queue.queue_csv, name="queue_csv"),
    path("applications/<int:pk>/", queue.application, name="application"),
    path("applications/<int:pk>/approval/", queue.approval, name="approval"),
    path("applications/<int:pk>/question/", queue.question, name="question"),
    path("applications/<int:pk>/rejection/", queue.rejection, name="rejection"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/progress/", runs.run_progress, name="run_progress"),
    path("runs/<int:pk>/retry/", runs.retry, name="retry"),
    path("associations/", associations.associations, name="associations"),
    path("associations/<slug:slug>/", associations.association, name="association"),
    path("associations/<slug:slug>/suspension/", associations.suspension, name="suspension"),
    path("associations/<slug:slug>/resumption/", associations.resumption, name="resumption"),
    path("messages/", messages.messages, name="messages"),
    path("messages/<int:pk>/resend/", messages.resend, name="resend"),
    path("log/", messages.log, name="log"),
]
