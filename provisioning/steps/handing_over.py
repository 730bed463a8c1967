"""The last two steps: the site gets its host, and the representative hears of it."""

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations.models import Domain
from controlplane.cities.models import WardOffice
from controlplane.outbox.models import Attached, Message
from controlplane.tenancy import naming, public
from provisioning import documents

if TYPE_CHECKING:
    from provisioning.models.runs import Run


class GiveDomain:
    """Last before the mail, so that no request ever reaches a half-made site."""

    name = "domain"
    label = gettext_lazy("ページを公開する")

    def done(self, run: "Run") -> bool:
        with public():
            run.association.refresh_from_db()
            return Domain.objects.filter(association=run.association).exists() and run.association.live_at is not None

    def do(self, run: "Run") -> None:
        with public():
            run.association.open()


class Notify:
    name = "notify"
    label = gettext_lazy("代表者に手順書を送る")

    def done(self, run: "Run") -> bool:
        with public():
            run.refresh_from_db(fields=["manual_message_id"])
            return run.manual_message_id is not None

    def do(self, run: "Run") -> None:
        with public():
            manual = _manual(run)
        with naming(None):  # made again by a second try, it takes the first one's place
            attached = Attached.put("kairan-manual.pdf", manual, key=f"manual-{run.pk}")
        with public():
            # Locked: the mail is queued and noted in one transaction, so it exists once.
            locked = type(run).objects.select_for_update().get(pk=run.pk)
            if locked.manual_message_id is None:
                locked.manual_message_id = _queue_manual(locked, attached).pk
                locked.save(update_fields=["manual_message_id"])


def _manual(run: "Run") -> bytes:
    association = run.association
    application = association.application
    offices = association.city.offices.filter(Q(ward=association.ward) | Q(kind=WardOffice.Kind.CENTRE))
    return documents.manual_pdf(
        association.name,
        association.url(),
        application.representative_name,
        application.representative_email,
        contacts=list(offices.values_list("name", "tel")),
    )


def _queue_manual(run: "Run", attached: Attached) -> Message:
    association, application = run.association, run.association.application
    body = _(
        "%(person)sさん\n\n%(name)sのページができました。\n\n%(url)s\n\n"
        "上のアドレスを開き、このメールアドレスを入れると、6けたの番号が届きます。パスワードはいりません。\n"
        "くわしくは、添付の手順書をごらんください。まずは役員だけで、ためせます。"
    ) % {"person": application.representative_name, "name": association.name, "url": association.url()}
    return Message.queue(
        Message.Channel.MAIL,
        application.representative_email,
        subject=_("%(name)sのページができました") % {"name": association.name},
        body=body,
        attachment=attached,
    )
