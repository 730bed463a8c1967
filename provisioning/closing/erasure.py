"""Forgetting the people behind an association that is gone. Its row stays, a tombstone: name, slug, dates."""

from typing import TYPE_CHECKING

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


def attached(closure: "Closure") -> list[str]:
    """What lies in the object store beside the letters that `forget` takes away: it goes first. Call under `public`."""
    application = Application.objects.filter(association=closure.association).first()
    found = _letters(closure.association, closure.message_ids) | _letters_to(application)
    return list(found.exclude(attachment="").values_list("attachment", flat=True))


def forget(closure: "Closure") -> None:
    """Blank every personal fact the platform keeps of the association. Call under `public`; twice is once."""
    association = closure.association
    Archive.objects.filter(association=association).update(state=Archive.State.REMOVED, key="")
    SupportAccess.objects.filter(association=association).update(what_for="", why="")
    for domain in association.custom_domains.on():
        domain.give_up(by=_("閉じた会のあとしまつ"))
    Association.objects.filter(pk=association.pk).update(postal_code="", address="")
    application = Application.objects.filter(association=association).first()
    (_letters(association, closure.message_ids) | _letters_to(application)).delete()
    if application:
        _forget_applicant(application)


def _letters(association: Association, keys: list[int]) -> QuerySet[Message]:
    manuals = Run.objects.filter(association=association).values_list("manual_message_id", flat=True)
    return Message.objects.filter(pk__in=[*keys, *filter(None, manuals)])


def _letters_to(application: Application | None) -> QuerySet[Message]:
    """All to the representative, unless somebody of another association has the same address."""
    if application is None or not application.representative_email:
        return Message.objects.none()
    email = application.representative_email
    others = Application.objects.filter(representative_email=email).exclude(pk=application.pk)
    return Message.objects.none() if others.exists() else Message.objects.filter(to=email)


def _forget_applicant(application: Application) -> None:
    """The representative's name is how the audit trail calls them; it becomes their role there too."""
    name = application.representative_name
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
