"""Watching the hosts that associations brought: when a host goes off, its association hears of it."""

from collections.abc import Callable
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from controlplane.associations.models import CustomDomain
from provisioning import representative


def watch(domain_id: int) -> None:
    """Ask DNS about one host; write to the representative when its record has begun to be missing, or it went off."""
    domain = CustomDomain.objects.on().select_related("association").filter(pk=domain_id).first()
    if domain is None:
        return
    before = domain.state
    with suppress(ValidationError):  # another association holds it: stays as it is, and its page says so
        after = domain.verify()
        if after != before and after in _LETTERS:
            _write(domain, _LETTERS[after])


def _write(domain: CustomDomain, said: Callable[[], tuple[str, str]]) -> None:
    ends = domain.ends_at
    words = {
        "host": domain.shown,
        "name": domain.record_name,
        "value": domain.record_value,
        "days": (ends - domain.missing_since).days if ends and domain.missing_since else 0,
        "url": domain.association.url("/menu/address/"),
    }

    def letter() -> tuple[str, str]:
        subject, body = said()
        return subject % words, body % words

    representative.write(domain.association, letter)


def _missing() -> tuple[str, str]:
    return (
        _("%(host)sのTXTレコードが見つかりません。%(days)s日続くと、このアドレスは止まります"),
        _(
            "独自のアドレス %(host)s のTXTレコードが、見つからなくなりました。\n"
            "%(days)s日のあいだに、次のレコードをもとにもどしてください。\n\n"
            "名前：%(name)s\n値：%(value)s\n\n"
            "もどらないときは、このアドレスを止めます。回覧のアドレスでは、いままでどおり見られます。\n\n%(url)s"
        ),
    )


def _off() -> tuple[str, str]:
    return (
        _("%(host)sを止めました。ページは、回覧のアドレスで見られます"),
        _(
            "独自のアドレス %(host)s のTXTレコードがもどらないので、このアドレスを止めました。\n"
            "ページは、次のアドレスで見られます。\n\n%(url)s\n\n"
            "また使うときは、上のページで、もう一度足してください。"
        ),
    )


_LETTERS = {CustomDomain.State.MISSING: _missing, CustomDomain.State.OFF: _off}
