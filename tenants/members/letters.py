"""What the association writes to its people about the roster."""

from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Channel, Contact
from controlplane.languages import Reader, in_reader_s_language
from controlplane.metering.models import Kind
from controlplane.outbox.models import Message


@in_reader_s_language
def welcome(reader: Reader, to: Contact, *, name: str, site_name: str, url: str) -> None:
    """To somebody just admitted. A short message has no room for more than the link."""
    words = {"name": name, "site": site_name, "url": url}
    body = _("%(site)sへの登録が承認されました。こちらから入れます。 %(url)s") % words
    if to.channel == Channel.MAIL:
        body = _("%(name)s さん\n\n%(site)sへの登録が承認されました。下のページから入れます。\n\n%(url)s") % words
    Message.queue(to.channel, to.value, subject=_("%(site)sに登録できました") % words, body=body, kind=Kind.ACCOUNT)


@in_reader_s_language
def somebody_waits(reader: Reader, to: Contact, *, name: str, site_name: str, url: str) -> None:
    """To an officer: a registration waits for approval."""
    words = {"name": name, "site": site_name, "url": url}
    body = _("%(name)sさんが登録し、承認を待っています。 %(url)s") % words
    if to.channel == Channel.MAIL:
        body = _("%(name)sさんが、%(site)sに登録しました。\n下のページで、承認をお願いします。\n\n%(url)s") % words
    Message.queue(to.channel, to.value, subject=_("%(site)sに登録した方がいます") % words, body=body, kind=Kind.ACCOUNT)


@in_reader_s_language
def contact_put_back(reader: Reader, to: Contact, *, name: str, site_name: str, url: str) -> None:
    """To an officer: somebody said that it was not them who changed how they come in."""
    words = {"name": name, "site": site_name, "url": url}
    body = _("%(name)sさんの連絡先が、本人の知らないうちに変えられたようです。もとにもどしました。 %(url)s") % words
    if to.channel == Channel.MAIL:
        body = (
            _(
                "%(name)sさんの、%(site)sに入るときの連絡先が変えられ、前の連絡先の方が、もとにもどしました。\n"
                "入っていた端末とプログラムは、すべて閉じました。\n\n"
                "ご本人に、電話などで、たしかめてください。\n\n%(url)s"
            )
            % words
        )
    subject = _("会員の連絡先を、もとにもどしました（%(site)s）") % words
    Message.queue(to.channel, to.value, subject=subject, body=body, kind=Kind.ACCOUNT)
