"""How the desks of operations and the city write times of machines, telephone numbers and shares."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.accounts.contacts import show_phone

register = template.Library()


@register.filter
def phone_ja(value: str) -> str:
    """+81751234567 is 075-123-4567."""
    return show_phone(value)


@register.filter
def seconds_ja(value: dt.datetime | None) -> str:
    """9:41:02."""
    if not value:
        return ""
    moment = timezone.localtime(value)
    return f"{moment.hour}:{moment:%M:%S}"


@register.filter
def took_ja(start: dt.datetime | None, end: dt.datetime | None) -> str:
    """0.02秒, 28秒."""
    if start is None or end is None or end < start:
        return ""
    seconds = (end - start).total_seconds()
    return _("%(count)s秒") % {"count": f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"}


VERBS = {
    "application.submit": gettext_lazy("申し込みを受け取った"),
    "application.approve": gettext_lazy("申し込みを承認した"),
    "application.ask": gettext_lazy("質問を送った"),
    "application.answer": gettext_lazy("質問に返事をした"),
    "application.reject": gettext_lazy("申し込みをお断りした"),
    "run.live": gettext_lazy("ページを公開した"),
    "run.retry": gettext_lazy("作業をやりなおした"),
    "association.suspend": gettext_lazy("ページを止めた"),
    "association.resume": gettext_lazy("ページをまた開いた"),
    "message.resend": gettext_lazy("もう一度送った"),
    "subscription.start_checkout": gettext_lazy("有料プランの手続きをはじめた"),
}


@register.filter
def verb_ja(verb: str) -> str:
    """What an entry of the audit trail says was done; a verb without a sentence says itself."""
    return str(VERBS.get(verb, verb))


@register.filter
def percent(share: float | None) -> str:
    """0.27 is 27%; what is hidden is a dash."""
    return "—" if share is None else f"{100 * share:.0f}%"
