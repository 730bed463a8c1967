"""Who is asking, and what the browser may load."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth, messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from controlplane import rates
from controlplane.accounts.limits import network_address
from controlplane.accounts.models import Device
from controlplane.accounts.ways import Way
from controlplane.associations.models import Operator
from controlplane.cities.models import CityStaff
from controlplane.rates import Cost, TooOften
from controlplane.staff import sessions
from controlplane.tenancy import current_or_none
from controlplane.tenancy.middleware import elsewhere
from controlplane.tenancy.routing import Site
from tenants.members.models import Member


class PersonRequest(HttpRequest):
    """A request that knows who asks; the three are falsy where nobody of that kind does."""

    site: Site | None  # type: ignore[assignment]  # django.contrib.sites is not used
    member: Any
    operator: Any
    city_staff: Any
    support: Any  # a Visit of operations at a site, see web.support


GetResponse = Callable[[Any], HttpResponse]


class PersonMiddleware:
    """Sets `request.member` on a site, `request.operator` and `request.city_staff` on the apex host, each lazily.

    On the apex host a session without the second factor, too old or left alone is ended here, for pages and API alike.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        if current_or_none():  # unbound where only a load balancer asks
            if request.site is None:
                self._end_what_does_not_stand(request)
            if auth.SESSION_KEY in request.session and request.user.is_authenticated:
                Device.objects.seen(Way.of(request))
        request.support = None
        request.member = SimpleLazyObject(lambda: self._member(request))
        request.operator = SimpleLazyObject(lambda: self._on_apex(request, Operator))
        request.city_staff = SimpleLazyObject(lambda: self._on_apex(request, CityStaff))
        return self.get_response(request)

    def _end_what_does_not_stand(self, request: PersonRequest) -> None:
        if auth.SESSION_KEY in request.session and not sessions.stands(request.session):
            auth.logout(request)
            messages.info(request, _("しばらく使っていなかったので、いちど閉じました。もう一度入ってください。"))

    def _member(self, request: PersonRequest) -> Member | None:
        if request.support:
            return Member.visitor(request.support.name)
        if request.site is None or not request.user.is_authenticated:
            return None
        request.user.saw_today()
        return Member.objects.for_user(request.user)

    def _on_apex(self, request: PersonRequest, role: type[Operator] | type[CityStaff]) -> Operator | CityStaff | None:
        if request.site is not None or not request.user.is_authenticated:
            return None
        return role.objects.filter(user=request.user).first()


class SlashMiddleware(CommonMiddleware):
    """Leads an address without its slash to the right one by 308, which keeps the method and what was sent.

    301 makes programs go on with GET: they take the list they get for the notice they sent.
    """

    response_redirect_class = partial(HttpResponsePermanentRedirect, preserve_request=True)  # type: ignore[assignment]


class RateMiddleware:
    """Counts what people ask of pages, as the API's throttle does of programs. Past the rate: 429, with a page.

    It stands before whatever turns somebody away, such as the CSRF check: to be turned away costs a page as well.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        response = self.get_response(request)
        kind = response.get("Content-Type", "").partition(";")[0]
        view = request.resolver_match and request.resolver_match.func
        if view is None and current_or_none():  # an address that is none
            return self._refusal(request, view) or response
        if kind in COSTLY and rates.cost_of(view, request.method) in (Cost.PAGE, Cost.ACT):
            raise ImproperlyConfigured(f"{view} answers {kind}: let it say @costs, so that its rate is counted.")
        return response

    def process_view(self, request: PersonRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not current_or_none() or request.path_info.startswith("/api/"):  # the API's throttle knows its tokens
            return None
        return self._refusal(request, view)

    def _refusal(self, request: PersonRequest, view: Any) -> HttpResponse | None:
        try:
            account = request.session.get(auth.SESSION_KEY)
            rates.spend(rates.cost_of(view, request.method), person=account, address=network_address(request.META))
        except TooOften as refused:
            response = elsewhere.say_plainly(request, 429, "errors/429.html", _("少し時間をおいてください"))
            response["Retry-After"] = str(refused.seconds)
            return response
        return None


# What is made whole before it is sent. JSON and pages are read by the page.
COSTLY = frozenset({"application/pdf", "application/zip", "text/csv", "text/calendar"})


class ContentSecurityPolicyMiddleware:
    """Only our own scripts and styles; pictures also from the object store's short links."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = _policy()

    def __call__(self, request: PersonRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", self.policy)
        response.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
        return response


def _policy() -> str:
    host = urlsplit(settings.S3_ENDPOINT_URL or "https://s3.amazonaws.com")
    images = f"'self' data: {host.scheme}://{host.netloc}"
    forms = f"'self' {_payment_pages()}"  # browsers hold redirects of a form to this too
    nowhere = "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    return f"default-src 'self'; img-src {images}; {nowhere}; form-action {forms}"


def _payment_pages() -> str:
    """Where Stripe's own pages live: its hosts, or whatever stands in for it."""
    api = urlsplit(settings.STRIPE_API_BASE)
    if api.hostname == "api.stripe.com":
        return "https://checkout.stripe.com https://billing.stripe.com"
    return f"{api.scheme}://{api.netloc}"
