"""The feed's short cut: a program with a token needs no session, so it is answered before all that."""

from collections.abc import Callable

from django.http import HttpResponse

from api.v1 import feed
from controlplane.tenancy.middleware import HostRequest

FEED = "/api/v1/posts/"


class FeedShortcut:
    """Stands right behind the site's binding. What it does not answer goes the ordinary road."""

    def __init__(self, get_response: Callable[[HostRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HostRequest) -> HttpResponse:
        quick = feed.first_page(request) if request.path_info == FEED and request.site else None
        if quick is None:
            return self.get_response(request)
        request.route = FEED
        return quick
