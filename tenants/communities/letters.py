"""What is written to people about communities."""

from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Channel, Contact
from controlplane.languages import Reader, in_reader_s_language
from controlplane.outbox.models import Message


@in_reader_s_language
def invited(reader: Reader, to: Contact, *, name: str, community: str, by: str, site_name: str, url: str) -> None:
    """To somebody asked to come in; the page behind the link has the two answers."""
    words = {"name": name, "community": community, "by": by, "site": site_name, "url": url}
    body = _("「%(community)s」に入りませんか。%(by)sさんからです。返事はこちらで。 %(url)s") % words
    if to.channel == Channel.MAIL:
        body = (
            _(
                "%(name)s さん\n\n%(by)sさんから、「%(community)s」に入りませんかと声がかかっています。\n"
                "下のページで、「入る」か「入らない」を押してください。どちらでもかまいません。\n\n%(url)s"
            )
            % words
        )
    Message.queue(to.channel, to.value, subject=_("「%(community)s」に入りませんか（%(site)s）") % words, body=body)


@in_reader_s_language
def removed(reader: Reader, to: Contact, *, name: str, community: str, reason: str, site_name: str, url: str) -> None:
    """To somebody who is no longer in a community."""
    words = {"name": name, "community": community, "reason": reason, "site": site_name, "url": url}
    body = _("「%(community)s」から外れていただきました。わけ：%(reason)s %(url)s") % words
    if to.channel == Channel.MAIL:
        body = (
            _(
                "%(name)s さん\n\nこれまで「%(community)s」に来てくださって、ありがとうございました。\n"
                "世話役が相談して、外れていただくことになりました。\n\nわけ：%(reason)s\n\n"
                "書いたものは残ります。もう一度入りたいときは、下のページから申し込めます。\n\n%(url)s"
            )
            % words
        )
    Message.queue(to.channel, to.value, subject=_("「%(community)s」について（%(site)s）") % words, body=body)
