"""Writing to whoever represents an association today; before anybody does, to the person who applied."""

from collections.abc import Callable

from controlplane.accounts.contacts import Channel, Contact
from controlplane.associations.models import Association
from controlplane.languages import spoken
from controlplane.metering.models import Kind
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from provisioning.models.applications import Application
from tenants.members.models import Seat, SeatTerm

Letter = Callable[[], tuple[str, str]]


def write(association: Association, letter: Letter) -> list[int]:
    """Queue a letter in `public`, because a closed site sends none itself. Returns the messages' keys.

    `letter` makes subject and body, once for each reader in the reader's language. A short message carries the
    subject alone, which therefore says what matters. Call under `public`.
    """
    return [_queue(contact, language, letter).pk for contact, language in _readers(association)]


def _queue(contact: Contact, language: str, letter: Letter) -> Message:
    with spoken(language):
        subject, body = letter()
    if contact.channel == Channel.MAIL:
        return Message.queue(Message.Channel.MAIL, contact.value, subject=subject, body=body)
    return Message.queue(Message.Channel.SMS, contact.value, body=subject, kind=Kind.ACCOUNT)


def _readers(association: Association) -> list[tuple[Contact, str]]:
    with bound(association):
        terms = SeatTerm.objects.current().filter(seat__kind=Seat.Kind.REPRESENTATIVE)
        users = [term.member.user for term in terms.select_related("member__user")]
    found = [(contact, user.language) for user in users if user and (contact := user.contact)]
    if found:
        return found
    application = Application.objects.filter(association=association).exclude(representative_email="").first()
    return [(Contact(Channel.MAIL, application.representative_email), "")] if application else []
