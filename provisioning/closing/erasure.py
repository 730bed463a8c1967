"""Forgetting the people behind an association that is gone. Its row stays, a tombstone: name, slug, dates."""

from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from controlplane.associations.models import Association, SupportAccess
from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from provisioning.models.applications import Application, Question
from provisioning.models.archives import Archive
from provisioning.models.runs import Run

if TYPE_CHECKING:
    from provisioning.models.closures import Closure


def forget(closure: "Closure") -> None:
    """Blank every personal fact the platform keeps of the association. Call under `public`; twice is once."""
    association = closure.association
    Archive.objects.filter(association=association).update(state=Archive.State.REMOVED, key="")
    SupportAccess.objects.filter(association=association).update(what_for="", why="")
    for domain in association.custom_domains.on():
        domain.give_up(by=_("閉じた会のあとしまつ"))
    Association.objects.filter(pk=association.pk).update(postal_code="", address="")
    _forget_letters(association, closure.message_ids)
    application = Application.objects.filter(association=association).first()
    if application:
        _forget_applicant(application)


def _forget_letters(association: Association, keys: list[int]) -> None:
    manuals = Run.objects.filter(association=association).values_list("manual_message_id", flat=True)
    _delete(Message.objects.filter(pk__in=[*keys, *filter(None, manuals)]))


def _forget_applicant(application: Application) -> None:
    """The representative's name is how the audit trail calls them; it becomes their role there too."""
    email, name = application.representative_email, application.representative_name
    others = Application.objects.filter(representative_email=email).exclude(pk=application.pk)
    if email and not others.exists():
        _delete(Message.objects.filter(to=email))
    Entry.objects.about(application).filter(actor=name).update(actor=_("代表者"))
    Question.objects.filter(application=application).update(text="", answer="")
    Application.objects.filter(pk=application.pk).update(
        representative_name="",
        representative_email="",
        representative_phone="",
        postal_code="",
        address="",
        reason="",
        idempotency_key=None,
    )


def _delete(messages: QuerySet[Message]) -> None:
    for message in messages:
        if message.attachment:
            default_storage.delete(message.attachment)
        message.delete()
