"""Codes that prove a contact. In every schema: each association's beside its accounts, the staff's in `public`.

Six digits, ten minutes, once. Asked for again while it is good, the same code goes out again: it is made of the row's
seed and SECRET_KEY, and kept nowhere. Whoever asks for somebody else's contact therefore takes nothing from its owner.

A stranger can neither guess a code nor keep its owner out. All of it is counted for the contact, across all hosts:

- Guessing. Of a contact's wrong guesses at six digits, GUESSES a day are looked at. An account has two contacts, and a
  guess is right once in a million: 2 x 40 / 1,000,000 = 0.8 in 10,000 a day. From then on only twelve digits open, of
  which LONG_GUESSES a day are looked at: 2 x 1,000,000 / 10**12 = 0.02 in 10,000. Together less than 1 in 10,000 for an
  account and day, however many codes are sent and from wherever it is tried. It does not count which code was guessed
  at: each guess at a code that is good is right with these odds.
- Keeping out. CODES of six digits are sent in a day while the owner does not come in. The next, or once guesses are
  used up the first, has twelve digits and is good for a day at every association. The owner has it already, whoever
  made us send it. Who comes in with any code has proven to be the owner, and may be sent as many again.
- Flooding. So a contact nobody answers from gets CODES + SENDINGS messages a day and no more; one that answers, and may
  belong to somebody who earns by it, MESSAGES, and as many again on devices of its own, which others use up none of.
- From one network address only so many codes go out unanswered in a quarter of an hour (controlplane.accounts.limits).
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from controlplane.accounts import limits
from controlplane.accounts.code_answers import Door, Outcome, Sent, SixDigitsOff, WrongCode
from controlplane.accounts.contacts import Channel, Contact
from controlplane.accounts.limits import TooManyCodes as TooManyCodes
from controlplane.metering.models import Act, Count, Kind, LongCode, Open, codes_open, key_of
from controlplane.metering.models.long_codes import DIGITS, SENDINGS, digits_from
from controlplane.outbox.models import Message
from controlplane.tenancy import current, public
from controlplane.tenancy.turns import one_at_a_time

CODE_LIFE = timedelta(minutes=10)
CODES = 5  # a day to one contact, while nobody answers from there
MESSAGES = 30  # a day to one contact in any case
GUESSES = 40  # a day at one contact's six digits
LONG_GUESSES = 1_000_000  # a day at its twelve
REST = timedelta(minutes=1)  # between two messages with the same code
CODE_MEMORY = timedelta(days=2)
NO_CODE = ""  # the digest of no code at all


class LoginCodeManager(models.Manager["LoginCode"]):
    def send(
        self,
        contact: Contact,
        *,
        asked_from: str,
        site_name: str,
        host: str = "",
        door: Door = Door.PEOPLE,
        known: bool = True,
        trusted: bool = False,
    ) -> Sent:
        """Have the contact's owner sent a code, unless one they have is good. Raise TooManyCodes past the limits.

        `asked_from` is the network address that asks, `host` where the code will be typed. Not `known`: nothing is
        sent, and everything looks as if it were. `trusted`: asked on a device its owner has come in on before, which
        strangers' asking keeps out in no way.
        """
        asking = _Asking(contact, asked_from, site_name, host, door, known, trusted)
        _take_turns(asking.key)
        return asking.answer()

    def redeem(
        self, contact: Contact, code: str, *, tried_from: str, door: Door = Door.PEOPLE, trusted: bool = False
    ) -> None:
        """Use the contact's code up, or raise WrongCode, TooManyCodes. A failed try is counted, and stays counted."""
        key = _key(contact, door)
        _take_turns(key)
        if not trusted:
            limits.count(Act.TRY, tried_from)
        if len(code) == DIGITS:
            _redeem_long(key, code)
        else:
            self._redeem_six(contact, code, door, key)
        Count.objects.forget(key, Act.CODE, Act.OWN_CODE)
        if not trusted:
            limits.give_back(Act.TRY, limits.key_of_network(tried_from))

    def _redeem_six(self, contact: Contact, code: str, door: Door, key: str) -> None:
        row = self.good(contact, door, lock=True)
        if _guesses_used_up(key):
            raise SixDigitsOff
        if row is None:
            raise WrongCode
        if Count.objects.add(key, Act.GUESS) > GUESSES:
            raise SixDigitsOff
        if not hmac.compare_digest(row.digest, _digest(contact.value, code)):
            raise WrongCode
        Count.objects.add(key, Act.GUESS, -1)  # it was none
        self.filter(pk=row.pk).update(used_at=timezone.now())
        limits.give_back(Act.SEND, row.network)

    def good(self, contact: Contact, door: Door, *, lock: bool = False) -> "LoginCode | None":
        """The contact's code that opens this door now."""
        rows = self.filter(destination=contact.value, door=door, used_at=None, expires_at__gt=timezone.now())
        return (rows.select_for_update() if lock else rows).order_by("-pk").first()

    def prune(self) -> None:
        """Remove codes that have long run out."""
        self.filter(created_at__lt=timezone.now() - CODE_MEMORY).delete()


class LoginCode(models.Model):
    """A single-use six-digit code, kept as a digest and the seed it is made of. Ten minutes from its last sending."""

    channel = models.CharField(max_length=8, choices=[(c.value, c.name) for c in Channel])
    destination = models.CharField(max_length=254)
    digest = models.CharField(max_length=64)
    seed = models.CharField(max_length=32, blank=True, db_default="")
    door = models.CharField(max_length=8, blank=True, db_default="")
    network = models.CharField(max_length=40, blank=True, db_default="")  # a keyed digest of who asked for it
    tries = models.PositiveSmallIntegerField(default=0)  # counted by the release before this one alone
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)  # the last time
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[LoginCodeManager] = LoginCodeManager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["destination", "created_at"], name="login_code_destination")]

    def __str__(self) -> str:
        return self.destination

    @property
    def code(self) -> str:
        """The digits again; nothing when SECRET_KEY has changed meanwhile, or the release before made it."""
        made = _digits(self.destination, self.door, self.seed)
        return made if self.seed and hmac.compare_digest(self.digest, _digest(self.destination, made)) else ""


class _Asking:
    """One person asking for one contact's code, from somewhere. The contact is locked across all hosts."""

    def __init__(
        self, contact: Contact, asked_from: str, site_name: str, host: str, door: Door, known: bool, trusted: bool
    ) -> None:
        self.contact, self.site_name, self.host, self.door = contact, site_name, host, door
        self.asked_from, self.trusted = asked_from, trusted
        self.key = _key(contact, door)
        self.sent, self.message = (Act.OWN_CODE, Act.OWN_MESSAGE) if trusted else (Act.CODE, Act.MESSAGE)
        self.kind = self._kind()
        self.open_to = codes_open(current().uuid) if contact.channel == Channel.SMS else Open.EVERYBODY
        self.only_known = self.open_to == Open.KNOWN
        self.goes_out = known and not (self.only_known and self.kind == Kind.FIRST_CODE)
        self.now = timezone.now()

    def answer(self) -> Sent:
        if _guesses_used_up(self.key):
            return self._long()
        row = LoginCode.objects.good(self.contact, self.door)
        if self.open_to == Open.NOBODY and not (row and row.code):
            return self._said(Outcome.STOPPED, self.now, self.now)
        if row and self.goes_out and not row.code:  # it was only pretended, or cannot be made again
            row = None
        left = (
            Count.objects.total(self.key, self.sent) < CODES and Count.objects.total(self.key, self.message) < MESSAGES
        )
        if row and (not left or self._rests(row.sent_at)):
            return self._said(Outcome.STILL_GOOD, row.sent_at, row.expires_at)
        if not left:
            return self._long()
        return self._again(row) if row else self._new()

    def _new(self) -> Sent:
        seed = secrets.token_hex(16)
        code = _digits(self.contact.value, self.door, seed)
        if not self._go(lambda: self._queue(code)):
            return self._said(Outcome.STOPPED, self.now, self.now)
        LoginCode.objects.filter(destination=self.contact.value, door=self.door, used_at=None).update(
            expires_at=self.now
        )
        row = LoginCode.objects.create(
            channel=self.contact.channel,
            destination=self.contact.value,
            digest=_digest(self.contact.value, code) if self.goes_out else NO_CODE,
            seed=seed,
            door=self.door,
            network=limits.key_of_network(self.asked_from),
            sent_at=self.now,
            expires_at=self.now + CODE_LIFE,
        )
        return self._said(Outcome.SENT, self.now, row.expires_at)

    def _again(self, row: LoginCode) -> Sent:
        if not self._go(lambda: self._queue(row.code)):
            return self._said(Outcome.STOPPED, self.now, self.now)
        until = self.now + CODE_LIFE
        LoginCode.objects.filter(pk=row.pk).update(sent_at=self.now, expires_at=until)
        return self._said(Outcome.AGAIN, self.now, until)

    def _long(self) -> Sent:
        with public():
            row = LongCode.objects.good(self.key)
            if row is None or (row.hollow and self.goes_out):
                row = LongCode.objects.renew(self.key, hollow=not self.goes_out)
        if row.sendings >= SENDINGS or (row.sendings and self._rests(row.sent_at)):
            return self._said(Outcome.STILL_GOOD, row.sent_at, row.good_until, is_long=True)
        if self.open_to == Open.NOBODY and not row.sendings:
            return self._said(Outcome.STOPPED, self.now, self.now)
        if Count.objects.total(self.key, self.message) >= MESSAGES:
            raise TooManyCodes(Count.objects.frees_at(self.key, self.message))
        first = row.sendings == 0
        if not self._go(lambda: self._queue_long(row.code)):
            return self._said(Outcome.STOPPED, self.now, self.now)
        with public():
            row.sent()
        return self._said(Outcome.SENT if first else Outcome.AGAIN, row.sent_at, row.good_until, is_long=True)

    def _go(self, queue: Callable[[], Message]) -> bool:
        """Have a message go out and count it; False when no short message may."""
        if not self.trusted:
            limits.count(Act.SEND, self.asked_from)
        if self.goes_out and queue().is_stopped:
            if not self.trusted:
                limits.give_back(Act.SEND, limits.key_of_network(self.asked_from))
            return False
        Count.objects.add(self.key, self.sent)
        Count.objects.add(self.key, self.message)
        return True

    def _queue(self, code: str) -> Message:
        return Message.queue_code(
            self.contact.channel,
            self.contact.value,
            code=code,
            site_name=self.site_name,
            host=self.host,
            kind=self.kind,
        )

    def _queue_long(self, code: str) -> Message:
        return Message.queue_long_code(self.contact.channel, self.contact.value, code=code, kind=self.kind)

    def _kind(self) -> Kind:
        """Whose code it is: somebody's with an account here, or a newcomer's."""
        if self.contact.channel == Channel.MAIL or self.door == Door.STAFF:
            return Kind.CODE
        return Kind.CODE if get_user_model().objects.for_contact(self.contact) else Kind.FIRST_CODE

    def _rests(self, sent_at: datetime | None) -> bool:
        return sent_at is not None and sent_at > self.now - REST

    def _said(self, outcome: Outcome, at: datetime | None, until: datetime, *, is_long: bool = False) -> Sent:
        return Sent(outcome, at or self.now, until, is_long=is_long, only_known=self.only_known, door=self.door)


def _redeem_long(key: str, code: str) -> None:
    if Count.objects.add(key, Act.LONG_GUESS) > LONG_GUESSES:
        raise WrongCode
    with public():
        row = LongCode.objects.good(key)
        if row is None or not row.is_right(code):
            raise WrongCode
        row.use()


def _guesses_used_up(key: str) -> bool:
    return Count.objects.total(key, Act.GUESS) >= GUESSES


def _key(contact: Contact, door: Door) -> str:
    return key_of(f"contact.{door}", contact.value)


def _take_turns(key: str) -> None:
    """Whoever asks for this contact's code and whoever types it in, one after the other.

    Both count for the contact and for a network, in orders of their own: without this they would lock each other up.
    """
    one_at_a_time(f"login-code:{key}")


def _digits(destination: str, door: str, seed: str) -> str:
    return digits_from("login-code", f"{current().key}:{door}:{destination}:{seed}", 6)


def _digest(destination: str, code: str) -> str:
    """A keyed digest: a stolen table of codes cannot be counted through without SECRET_KEY."""
    return salted_hmac("kairan.login-code", f"{destination}:{code}", algorithm="sha256").hexdigest()
