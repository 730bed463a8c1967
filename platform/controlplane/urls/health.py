"""What a load balancer asks, on any host: is the process up, can it serve?"""

from django.urls import include, path

urlpatterns = [path("", include("web.health"))]

handler500 = "web.errors.server_error"
