"""Somebody asks for codes to other people's numbers at every host there is; what these are sent is counted."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock

from django.test import Client
from django.utils import timezone

from controlplane.accounts.login_codes import CODES
from controlplane.associations.models import Association
from controlplane.metering.models import Kind, SmsUse
from controlplane.metering.models.long_codes import SENDINGS
from controlplane.metering.models.spending import CODES_AT_LEAST
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public

A_CONTACT = CODES + SENDINGS  # a day


@dataclass
class Report:
    """What was asked for and what was sent, in short messages."""

    asked: int = 0
    by_contact: Counter[str] = field(default_factory=Counter)
    by_association: Counter[str] = field(default_factory=Counter)
    newcomers: Counter[str] = field(default_factory=Counter)
    yen: int = 0

    def said(self, associations: Sequence[Association]) -> dict[str, Any]:
        return {
            "asked": self.asked,
            "sent": self.by_contact.total(),
            "most_to_one_number": max(self.by_contact.values(), default=0),
            "allowed_to_one_number": A_CONTACT,
            "most_by_one_association": max(self.by_association.values(), default=0),
            "allowed_to_newcomers_by_one_association": max(newcomers_of(each) for each in associations),
            "yen": self.yen,
            "within_budget": self.is_within(associations),
        }

    def is_within(self, associations: Sequence[Association]) -> bool:
        few = all(sent <= A_CONTACT for sent in self.by_contact.values())
        return few and all(self.newcomers[each.slug] <= newcomers_of(each) for each in associations)


def newcomers_of(association: Association) -> int:
    """How many codes a month may go to numbers that nobody there has proven."""
    return (CODES_AT_LEAST + association.households) // 2


def pump(associations: Sequence[Association], numbers: Sequence[str], *, addresses: int, pace: timedelta) -> Report:
    """Ask for each number at each host, one after the other, from so many network addresses in turn."""
    before = _sent(associations)
    report = Report(yen=-_yen(associations))
    with clock() as go_on:
        for number in numbers_by_host(len(associations), len(numbers)):
            host, which = number
            ask(associations[host], numbers[which], f"198.51.100.{report.asked % addresses}")
            report.asked += 1
            go_on(pace)
    for (slug, to), sent in (_sent(associations) - before).items():
        report.by_contact[to] += sent
        report.by_association[slug] += sent
    report.yen += _yen(associations)
    with public():
        for use in SmsUse.objects.filter(association__in=set(associations)).select_related("association"):
            if use.kind == Kind.FIRST_CODE and use.association:
                report.newcomers[use.association.slug] += use.parts
    return report


def numbers_by_host(hosts: int, numbers: int) -> Iterator[tuple[int, int]]:
    """The sender goes round the hosts with all numbers, so that no limit of one host is met early."""
    for turn in range(hosts):
        for which in range(numbers):
            yield (turn + which) % hosts, which


def ask(association: Association, number: str, address: str) -> Client:
    client = Client(HTTP_HOST=f"{association.slug}.kairan.localhost", REMOTE_ADDR=address)
    client.post("/sign-in/", {"contact": number})
    return client


def comes_in(association: Association, number: str, associations: Sequence[Association]) -> bool:
    """Whether the owner of a number gets in at once, by asking and by what is in their telephone already."""
    client = ask(association, number, "203.0.113.5")
    for code in _in_the_telephone(number, associations):
        if client.post("/sign-in/code/", {"code": code}).status_code == 302:
            return True
    return False


@contextmanager
def clock() -> Iterator[Any]:
    """A clock that goes on when told."""
    real, gone = timezone.now, [timedelta()]

    def go_on(much: timedelta) -> None:
        gone[0] += much

    with mock.patch("django.utils.timezone.now", lambda: real() + gone[0]):  # noqa: PT008  # it goes on
        yield go_on


def _sent(associations: Sequence[Association]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for association in set(associations):
        with bound(association):
            sent = Message.objects.filter(channel="sms").exclude(pk__in=Message.objects.stopped().values("pk"))
            found.update((association.slug, to) for to in sent.values_list("to", flat=True))
    return found


def _yen(associations: Sequence[Association]) -> int:
    with public():
        return sum(SmsUse.objects.filter(association__in=set(associations)).values_list("yen", flat=True))


def _in_the_telephone(number: str, associations: Sequence[Association]) -> list[str]:
    """The codes that came, the newest first."""
    e164, found = f"+81{number.replace('-', '')[1:]}", []
    for association in set(associations):
        with bound(association):
            rows = Message.objects.filter(to=e164).order_by("-pk").values_list("created_at", "body")[:3]
            found += list(rows)
    codes = (re.match(r"\d{4} \d{4} \d{4}|\d{6}", body) for _at, body in sorted(found, reverse=True))
    return [code[0] for code in codes if code][:3]
