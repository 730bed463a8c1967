"""Who may open a page. Forbidden looks like missing: 404; not signed in leads to the sign-in page.

What somebody sent whose session has ended is kept until they have signed in again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from controlplane.sending.models.kept import Why
from tenants.members.models import Act
from web import keeping

View = Callable[..., HttpResponse]
Asker = Any  # an HttpRequest with what the middleware set on it: member, operator, city_staff, support


def signed_in_required(view: View) -> View:
    """Anybody who has proven a contact here, registered or not."""
    return _guard(view)


def account_required(view: View) -> View:
    """Anybody with an account on this host, about it alone: operations' support has none here."""
    return _guard(view, allowed=lambda request: request.user.is_authenticated)


def member_required(view: View) -> View:
    """Admitted members only; a registered person who waits is shown the waiting page."""
    return _guard(view, _admitted)


def allowed_to(act: Act) -> Callable[[View], View]:
    """Those who may do this to anything at all, and who looks on as they do; to what, the verb asks."""
    return lambda view: _guard(view, _admitted, lambda request: request.member.may_look_at(act))


def operator_required(view: View) -> View:
    return _guard(view, allowed=lambda request: bool(request.operator))


def city_staff_required(view: View) -> View:
    return _guard(view, allowed=lambda request: bool(request.city_staff))


def staff_required(view: View) -> View:
    """Operators and city staff, about themselves."""
    return _guard(view, allowed=lambda request: bool(request.operator or request.city_staff))


def neighbour_required(view: View) -> View:
    """Admitted members, about themselves and their own home: operations' support has neither here."""
    return allowed_to(Act.MIND_ONESELF)(view)


def _admitted(request: Asker) -> HttpResponse | None:
    if not request.member:
        return redirect("register")
    return None if request.member.is_admitted else redirect("waiting")


def _guard(
    view: View,
    first: Callable[[Asker], HttpResponse | None] = lambda request: None,
    allowed: Callable[[Asker], bool] = lambda request: True,
) -> View:
    @wraps(view)
    def guarded(request: Asker, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (request.user.is_authenticated or request.support):
            return _to_sign_in(request)
        answer = first(request)
        if answer is not None:
            request.unsent = True
            return answer
        if not allowed(request):
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except PermissionError as error:  # a verb's own answer to who may
            raise Http404 from error

    guarded.guarded = True  # type: ignore[attr-defined]  # the URL crawl tells open pages from guarded ones by it
    return guarded


def _to_sign_in(request: Asker) -> HttpResponse:
    page = keeping.turned_away(request, Why.ENDED) if request.method == "POST" else None
    onward: str = redirect_to_login(page or request.get_full_path(), reverse("sign_in"))["Location"]
    return keeping.lead(request, onward)
