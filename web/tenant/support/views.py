"""運営のサポートに見てもらう: the representative lets operations look in; officers see what they opened, and end it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from controlplane.associations.models import Association, SupportAccess
from controlplane.audit.models import Entry
from controlplane.tenancy import public
from tenants.members.models import Act
from web.access import allowed_to
from web.listing import turn
from web.tenant.page import SiteRequest, refusals, show
from web.tenant.support.forms import GrantForm

# What a page is called in the log, by its place in the addresses; the longest that fits says it.
PLACES: dict[str, str | Promise] = {
    "/": gettext_lazy("ホーム"),
    "/posts/": gettext_lazy("お知らせ"),
    "/attachments/": gettext_lazy("写真・書類"),
    "/comments/": gettext_lazy("コメント"),
    "/search/": gettext_lazy("さがす"),
    "/communities/": pgettext_lazy("page", "コミュニティ"),
    "/calendar/": gettext_lazy("カレンダー"),
    "/members/": gettext_lazy("世帯と会員"),
    "/members/waiting/": gettext_lazy("登録の承認"),
    "/members/invitations/": gettext_lazy("招待"),
    "/members/seats/": gettext_lazy("役職と引き継ぎ"),
    "/members/groups/": pgettext_lazy("page", "組"),
    "/menu/": gettext_lazy("メニュー"),
    "/plan/": gettext_lazy("料金"),
    "/support/": gettext_lazy("サポートの記録"),
}
ACTS: dict[str, str | Promise] = {
    "support.ask": gettext_lazy("見せてほしいと頼みました"),
    "support.grant": gettext_lazy("見てよいことにしました"),
    "support.revoke": gettext_lazy("見るのを終わりにしました"),
    "support.decline": gettext_lazy("見せないことにしました"),
    "support.come_in": gettext_lazy("ページに入りました"),
    "support.leave": gettext_lazy("ページから出ました"),
}


@allowed_to(Act.SEE_SUPPORT)
@require_safe
def support(request: SiteRequest) -> HttpResponse:
    return _page(request, GrantForm())


@allowed_to(Act.LET_SUPPORT_IN)
@require_POST
def grant(request: SiteRequest) -> HttpResponse:
    form, seat = GrantForm(request.POST), _seat(request)
    if form.is_valid():
        with refusals(form), public():
            SupportAccess.grant(_association(request), by=seat, **form.cleaned_data)
        if not form.errors:
            messages.success(request, _("運営事務局が見られるようにしました。いつでも終わりにできます。"))
            return redirect("support")
    return _page(request, form, status=422)


@allowed_to(Act.END_SUPPORT)
@require_POST
def revoke(request: SiteRequest) -> HttpResponse:
    """End what is open, or turn down what is asked for."""
    seat = _seat(request)
    with public():
        mine = SupportAccess.objects.filter(association=request.site.uuid)
        for access in (mine.open() | mine.waiting()).select_related("association"):
            access.revoke(by=seat)
    messages.success(request, _("運営事務局は、もう見られません。"))
    return redirect("support")


def _page(request: SiteRequest, form: GrantForm, *, status: int = 200) -> HttpResponse:
    with public():
        mine = SupportAccess.objects.filter(association=request.site.uuid)
        asked, open_now = mine.waiting().first(), mine.open().first()
    turning = turn(request, Entry.objects.filter(object_type=SupportAccess._meta.label_lower))
    context: dict[str, Any] = {
        "form": form,
        "asked": asked,
        "open_now": open_now,
        "turning": turning,
        "lines": [_line(entry) for entry in turning.page],
    }
    return show(request, "tenant/support/support.html", tab="menu", status=status, **context)


def _line(entry: Entry) -> dict[str, Any]:
    path = str(entry.data.get("path", ""))
    return {"entry": entry, "path": path, "said": _place(path) if path else ACTS.get(entry.verb, entry.verb)}


def _place(path: str) -> str | Promise:
    """世帯と会員, for a page of the roster; its bare address where it has no name."""
    plain = path.partition("?")[0]
    found = [place for place in PLACES if plain == place or (place != "/" and plain.startswith(place))]
    return PLACES[max(found, key=len)] if found else plain


def _association(request: SiteRequest) -> Association:
    return Association.objects.get(pk=request.site.uuid)


def _seat(request: SiteRequest) -> str:
    """Outside the association's own schema no resident is named, only what they hold."""
    return str(request.member.seats().first() or _("役員"))
