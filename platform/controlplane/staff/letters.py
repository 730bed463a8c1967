"""What staff are told by mail about their own way in, so that nobody changes it unnoticed."""

from django.utils.translation import gettext as _

from controlplane.accounts.models import User
from controlplane.languages import in_reader_s_language
from controlplane.outbox.models import Message


@in_reader_s_language
def factor_added(user: User, what: str) -> None:
    _send(
        user,
        _("入るときの守りに「%(what)s」が加わりました") % {"what": what},
        _("回覧に入るときの守りに「%(what)s」が加わりました。") % {"what": what},
    )


@in_reader_s_language
def factor_removed(user: User, what: str) -> None:
    _send(
        user,
        _("入るときの守りから「%(what)s」を外しました") % {"what": what},
        _("回覧に入るときの守りから「%(what)s」を外しました。") % {"what": what},
    )


@in_reader_s_language
def recovery_used(user: User, left: int) -> None:
    _send(
        user,
        _("予備の番号が使われました"),
        _("予備の番号を1つ使って、回覧に入りました。残りは%(left)s個です。") % {"left": left},
    )


@in_reader_s_language
def paused(user: User) -> None:
    _send(
        user,
        _("番号が何度もまちがえられました"),
        _("あなたのアカウントで、番号が何度もまちがえられました。しばらくのあいだ、番号を受け付けません。"),
    )


@in_reader_s_language
def reset(user: User, by: str) -> None:
    _send(
        user,
        _("入るときの守りを、はじめからにしました"),
        _(
            "%(by)sが、あなたの入るときの守りを、はじめからにしました。\n"
            "入っていた画面は、すべて閉じました。次に入るときに、もう一度つくってください。"
        )
        % {"by": by},
    )


def contact_put_back(user: User) -> None:
    """To all of operations: somebody said that it was not them who changed how this person comes in."""
    for operator in User.objects.staff().filter(operator__isnull=False).exclude(email=None):
        _operator_hears(operator, str(getattr(user, "operator", None) or getattr(user, "city_staff", None) or user.pk))


@in_reader_s_language
def _operator_hears(operator: User, name: str) -> None:
    body = _(
        "%(name)sの、入るときの連絡先が変えられ、前の連絡先の方が、もとにもどしました。\n"
        "入っていた画面とプログラムは、すべて閉じました。ご本人にたしかめてください。"
    )
    subject = _("担当者の連絡先を、もとにもどしました")
    Message.queue("mail", str(operator.email), subject=subject, body=body % {"name": name})


def _send(user: User, subject: str, body: str) -> None:
    after = _("お心あたりがないときは、すぐに運営事務局へお知らせください。")
    if user.email:
        Message.queue("mail", user.email, subject=subject, body=f"{body}\n\n{after}")
