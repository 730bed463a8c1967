"""Operations' desk (運営事務局)."""

from django.urls import path

from web.operations import (
    associations,
    closures,
    deliverability,
    directory,
    fleet,
    hosts,
    messages,
    parts,
    queue,
    runs,
    staff,
    support,
    trail,
)

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
    path("associations/", directory.associations, name="associations"),
    path("associations/<slug:slug>/", associations.association, name="association"),
    path("associations/<slug:slug>/suspension/", associations.suspension, name="suspension"),
    path("associations/<slug:slug>/resumption/", associations.resumption, name="resumption"),
    path("associations/<slug:slug>/closure/", closures.closure, name="closure"),
    path("associations/<slug:slug>/reopening/", closures.reopening, name="reopening"),
    path("associations/<slug:slug>/drop-approval/", closures.drop_approval, name="drop_approval"),
    path("associations/<slug:slug>/renaming/", hosts.renaming, name="renaming"),
    path("associations/<slug:slug>/domains/", hosts.domains, name="domains"),
    path(
        "associations/<slug:slug>/domains/<int:pk>/verification/", hosts.domain_verification, name="domain_verification"
    ),
    path("associations/<slug:slug>/domains/<int:pk>/primary/", hosts.domain_primary, name="domain_primary"),
    path("associations/<slug:slug>/domains/<int:pk>/removal/", hosts.domain_removal, name="domain_removal"),
    path("associations/<slug:slug>/support/", support.support, name="support"),
    path("associations/<slug:slug>/support/visit/", support.support_visit, name="support_visit"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<int:pk>/reset/", staff.staff_reset, name="staff_reset"),
    path("messages/", messages.messages, name="messages"),
    path("messages/<int:pk>/resend/", messages.resend, name="resend"),
    path("deliverability/", deliverability.deliverability, name="deliverability"),
    path("log/", trail.log, name="log"),
    path("log.csv", trail.log_csv, name="log_csv"),
    path("parts/", parts.parts, name="parts"),
    path("fleet/", fleet.fleet, name="fleet"),
    path("fleet/progress/", fleet.fleet_progress, name="fleet_progress"),
    path("fleet/rollout/", fleet.rollout, name="fleet_rollout"),
    path("fleet/retry/", fleet.fleet_retry_all, name="fleet_retry_all"),
    path("fleet/<slug:slug>/retry/", fleet.fleet_retry, name="fleet_retry"),
]
