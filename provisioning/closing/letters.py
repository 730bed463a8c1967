"""The three letters about a closure. Their subjects say everything: as a short message they go alone."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from controlplane.dates import day_said
from provisioning import representative

if TYPE_CHECKING:
    from provisioning.models.closures import Closure


def closed(closure: "Closure") -> list[int]:
    return _write(closure, _closed)


def _closed() -> tuple[str, str]:
    return (
        _("%(name)sのページを閉じました。%(day)sまでは、取り消せます"),
        _(
            "%(name)sのページを閉じました。\n\n"
            "理由：%(reason)s\n\n"
            "・会員がページを開くと、「閉じました」と出ます。\n"
            "・お知らせもメールも、もう送られません。\n"
            "・有料プランのお支払いは、止まりました。\n\n"
            "%(day)sまでは、取り消せます。取り消すと、お知らせも名簿も写真も、もとのままもどります。\n"
            "そのあと、すべてのデータを消します。消したものは、もどせません。\n\n"
            "取り消したいとき、お心あたりがないときは、運営事務局へお知らせください。"
        ),
    )


def ending(closure: "Closure") -> list[int]:
    return _write(closure, _ending)


def _ending() -> tuple[str, str]:
    return (
        _("%(name)sのデータは、%(day)sを過ぎると消えます"),
        _(
            "%(name)sのページは、閉じています。\n\n"
            "取り消せるのは、%(day)sまでです。そのあと、お知らせも名簿も写真も、すべて消します。\n"
            "消したものは、もどせません。\n\n"
            "もう一度使いたいときは、その日までに運営事務局へお知らせください。何もしなければ、このまま終わります。"
        ),
    )


def reopened(closure: "Closure") -> list[int]:
    return _write(closure, _reopened)


def _reopened() -> tuple[str, str]:
    return (
        _("%(name)sのページを、また開きました"),
        _(
            "閉じるのを取り消し、%(name)sのページをまた開きました。\n\n%(url)s\n\n"
            "お知らせも名簿も写真も、もとのままです。有料プランを使っていたときは、次の期間からお支払いが続きます。"
        ),
    )


def _write(closure: "Closure", said: Callable[[], tuple[str, str]]) -> list[int]:
    def letter() -> tuple[str, str]:
        words = {
            "name": closure.association.name,
            "day": day_said(closure.last_day, with_year=True),
            "reason": closure.reason,
            "url": closure.association.url(),
        }
        subject, body = said()
        return subject % words, body % words

    return representative.write(closure.association, letter)
