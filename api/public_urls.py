"""The API of the apex host: `/api/v1/`."""

from django.urls import path

from api.openapi import document_urls
from api.v1 import applications, associations, auth, bulletins, cities, city_dates, devices, me, plans, runs
from api.webhooks.stripe import StripeWebhook

urlpatterns = [
    path("auth/code/", auth.Code.as_view()),
    path("auth/token/", auth.Token.as_view()),
    path("me/", me.Me.as_view()),
    path("me/devices/", devices.Devices.as_view()),
    path("me/devices/<int:pk>/", devices.DeviceDetail.as_view()),
    path("me/tokens/", devices.Tokens.as_view()),
    path("me/tokens/<int:pk>/", devices.TokenDetail.as_view()),
    path("applications/", applications.Applications.as_view()),
    path("applications/<int:pk>/", applications.ApplicationDetail.as_view()),
    path("applications/<int:pk>/approval/", applications.Approval.as_view()),
    path("applications/<int:pk>/rejection/", applications.Rejection.as_view()),
    path("applications/<int:pk>/question/", applications.AskBack.as_view()),
    path("runs/<int:pk>/", runs.RunDetail.as_view()),
    path("runs/<int:pk>/retry/", runs.Retry.as_view()),
    path("associations/", associations.Associations.as_view()),
    path("associations/<uuid:pk>/", associations.AssociationDetail.as_view()),
    path("associations/<uuid:pk>/suspension/", associations.AssociationSuspension.as_view()),
    path("plans/", plans.Plans.as_view()),
    path("cities/<str:slug>/adoption/", cities.CityAdoption.as_view()),
    path("cities/<str:slug>/adoption.csv", cities.CityAdoptionCsv.as_view()),
    path("cities/<str:slug>/bulletins/", bulletins.CityBulletins.as_view()),
    path("cities/<str:slug>/bulletins/<uuid:pk>/", bulletins.CityBulletinDetail.as_view()),
    path("cities/<str:slug>/dates/", city_dates.CityDateList.as_view()),
    path("cities/<str:slug>/dates/<int:pk>/", city_dates.CityDateDetail.as_view()),
    path("webhooks/stripe/", StripeWebhook.as_view()),
    *document_urls("controlplane.urls.public"),
]
