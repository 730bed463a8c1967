"""Hosts of an association's own, for its representative and for operations alike: the form, and each host's facts."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations.models import Association, CustomDomain
from controlplane.associations.models.domains import subdomain
from web.forms import KairanForm, NormalizedCharField

TAGS = {
    CustomDomain.State.PENDING: "wait",
    CustomDomain.State.PROVEN: "ok",
    CustomDomain.State.MISSING: "stop",
    CustomDomain.State.OFF: "soft",
}
Links = Callable[[str, CustomDomain], str]


class HostForm(KairanForm):
    show_marks = False
    host = NormalizedCharField(
        label=gettext_lazy("使いたいアドレス"),
        help_text=gettext_lazy("会でとったアドレスを入れます。例：www.tonan-kai.jp"),
        max_length=260,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}),
    )


@dataclass(frozen=True)
class HostRow:
    """One host with all its page shows: read under `public`, shown anywhere."""

    domain: CustomDomain
    tag: str
    is_primary: bool
    leads_to: str  # what its CNAME record says
    verify_url: str
    primary_url: str
    removal_url: str


def rows(association: Association, link: Links) -> list[HostRow]:
    """The association's own hosts; `link(act, domain)` is the address of verification, primary or removal."""
    return [_row(association, domain, link) for domain in association.custom_domains.on()]


def _row(association: Association, domain: CustomDomain, link: Links) -> HostRow:
    return HostRow(
        domain=domain,
        tag=TAGS[domain.state],
        is_primary=domain.is_primary,
        leads_to=subdomain(association.slug),
        verify_url=link("verification", domain),
        primary_url=link("primary", domain),
        removal_url=link("removal", domain),
    )


def told(domain: CustomDomain) -> str:
    """What looking at DNS has shown, in one sentence."""
    if domain.state == CustomDomain.State.PROVEN:
        return _("%(host)sは、会のアドレスだとたしかめました。") % {"host": domain.shown}
    return _("TXTレコードが、まだ見つかりません。書いてから届くまで、1時間ほどかかることがあります。")
