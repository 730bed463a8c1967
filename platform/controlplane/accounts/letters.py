"""What somebody is told about their own way in, so that nobody changes it unnoticed."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Channel, Contact
from controlplane.dates import moment_said
from controlplane.languages import Reader, in_reader_s_language
from controlplane.metering.models import Kind
from controlplane.outbox.models import Message

if TYPE_CHECKING:
    from controlplane.accounts.models.changes import ContactChange


@in_reader_s_language
def contact_changed(reader: Reader, to: Contact, change: "ContactChange", *, site_name: str, url: str) -> None:
    """To a contact that was there before. A short message has room for little more than the link."""
    words = {
        "site": site_name,
        "kind": change.kind_shown,
        "old": change.old_hinted,
        "new": change.new_hinted,
        "at": moment_said(change.at),
        "device": change.device_shown,
        "until": moment_said(change.until),
        "url": url,
    }
    body = _("%(site)sに入るときの連絡先が変わりました。お心あたりがないときは、3日のうちにこちらへ。 %(url)s") % words
    if to.channel == Channel.MAIL:
        body = (
            _(
                "%(site)sに入るときの連絡先が変わりました。\n\n"
                "変わったもの：%(kind)s\n前：%(old)s\n新しいもの：%(new)s\nいつ：%(at)s\nどの端末から：%(device)s\n\n"
                "ご自分で変えたときは、何もしなくてだいじょうぶです。\n"
                "お心あたりがないときは、%(until)sまでに、下のページで「もとにもどす」を押してください。\n"
                "前の連絡先にもどし、入っている端末をすべて閉じます。\n\n%(url)s"
            )
            % words
        )
    subject = _("入るときの連絡先が変わりました（%(site)s）") % words
    Message.queue(to.channel, to.value, subject=subject, body=body, kind=Kind.ACCOUNT)
