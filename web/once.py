"""What is sent twice is done once: by Back and send again, by a second tap, by a line that broke before the answer.

Every form carries a key of its own ({% csrf_token %} brings it). What was sent under it and done is remembered for a
day; the same thing again is led to where the first time led, and something else comes back with a word, to be sent on
purpose.
"""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from controlplane.sending import keys
from controlplane.sending.content import digest_of
from controlplane.sending.models import DoneMeanwhile, KeyOfAnother, Taken
from controlplane.sending.models.kept import Why
from web import errors, keeping

GetResponse = Callable[[Any], HttpResponse]
View = Callable[..., HttpResponse]
Asker = Any  # an HttpRequest with what the middleware set on it
Answer = dict[str, str]  # `to`, a path; or `page`, a whole one; or neither: a part of the page it came from


def done(response: HttpResponse) -> HttpResponse:
    """This page is itself the answer to what was done, and not a step on the way: sent again, it is shown again."""
    response.is_done = True  # type: ignore[attr-defined]
    return response


def each_time(view: View) -> View:
    """Sent again, it is done again: it only sets what somebody sees or wants, or asks about something anew."""
    view.each_time = True  # type: ignore[attr-defined]
    return view


def changeable(view: View) -> View:
    """Something else sent from the same form takes the place of what was sent before, as an answer does."""
    view.changeable = True  # type: ignore[attr-defined]
    return view


class OnceMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Asker) -> HttpResponse:
        request.taken = None
        response = self.get_response(request)
        if request.taken is not None:
            _settle(request, response)
        return response

    def process_view(self, request: Asker, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """After the CSRF check, before the view. What needs no such check is no form of ours: its body is its own."""
        if getattr(view, "csrf_exempt", False):
            return None
        key = request.POST.get(keys.NAME, "") if request.method == "POST" and request.user.is_authenticated else ""
        if not keys.looks_right(key) or getattr(view, "each_time", False) or keys.was_made_for(key, None):
            return None
        if not keys.was_made_for(key, request.user.pk):  # the page of somebody else who uses this browser
            return errors.csrf_failure(request)
        try:
            taken = _claim(request, key)
        except KeyOfAnother as another:
            if not getattr(view, "changeable", False):
                return _sent_before(request, json.loads(another.taken.answer or "{}"))
            another.taken.let_go()
            taken = _claim(request, key)
        if taken.answer is not None:
            return _again(request, json.loads(taken.answer))
        if not getattr(view, "changeable", False) and _was_just_sent(request, taken):
            taken.let_go()
            return _sent_before(request, {})
        request.taken = taken
        return None

    def process_exception(self, request: Asker, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DoneMeanwhile):
            return None
        request.taken = None
        return _again(request, json.loads(error.taken.answer or "{}"))


def _claim(request: Asker, key: str) -> Taken:
    place = request.get_full_path()
    return Taken.objects.claim(f"{place} {key}", account=request.user.pk, content=_content(request), place=place)


def _was_just_sent(request: Asker, taken: Taken) -> bool:
    """The same words minutes ago, from the same page before it was fetched anew; nobody has been asked about it yet."""
    if not keeping.words_of(dict(request.POST.lists())) or keeping.was_asked(request):
        return False
    place = request.get_full_path()
    return Taken.objects.was_just_sent(account=request.user.pk, place=place, content=taken.content, key=taken.key)


def _content(request: Asker) -> str:
    typed = [(name, value) for name in request.POST for value in request.POST.getlist(name) if name not in keeping.OWN]
    return digest_of([*typed, *((name, file) for name in request.FILES for file in request.FILES.getlist(name))])


def _settle(request: Asker, response: HttpResponse) -> None:
    """Done is what leads on, or, to htmx, what answers in place; a page shown again with a mistake in it is not.

    After a fault of ours the mark goes with the rest of the transaction.
    """
    if response.status_code >= 500:
        return
    answer = None if response.status_code >= 400 or request.unsent else _answer(request, response)
    if answer is None:
        request.taken.let_go()
    else:
        request.taken.remember(json.dumps(answer, ensure_ascii=False))


def _answer(request: Asker, response: HttpResponse) -> Answer | None:
    """None for a step shown, a file given, or on to Stripe, whose pages live minutes."""
    onward = response.get("Location", "") or response.get("HX-Redirect", "")
    if onward:
        is_ours = url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()})
        return {"to": onward} if is_ours else None
    if hasattr(response, "is_done"):
        return {"page": response.content.decode()}
    return {} if request.htmx else None


def _again(request: Asker, answer: Answer) -> HttpResponse:
    request.unsent = True
    if "page" in answer:
        response = HttpResponse(answer["page"])
        add_never_cache_headers(response)
        return response
    messages.info(request, _("もう送ってあります。"))
    if "to" not in answer and request.htmx:
        return HttpResponseClientRefresh()
    return keeping.lead(request, answer.get("to") or keeping.page_of(request))


def _sent_before(request: Asker, answer: Answer) -> HttpResponse | None:
    """Something else from the same form: it comes back as it was typed. What cannot be kept is taken as new."""
    if "version" in request.POST:  # a change of something: its version says whether it is in time
        return None
    page = keeping.turned_away(request, Why.AGAIN, first=answer.get("to", ""))
    return keeping.lead(request, page) if page else None
