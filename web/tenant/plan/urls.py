"""The plan: what it costs, choosing one, paying, afterwards."""

from django.urls import path

from web.tenant.plan import views

urlpatterns = [
    path("", views.plan, name="plan"),
    path("checkout/", views.checkout, name="plan_checkout"),
    path("portal/", views.portal, name="plan_portal"),
    path("done/", views.done, name="plan_done"),
]
