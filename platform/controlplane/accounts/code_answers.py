"""What becomes of asking for a code and of typing one in, and what is said about it: to known and unknown alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Contact
from controlplane.dates import clock_said, moment_said
from controlplane.metering.models.long_codes import DIGITS


class WrongCode(Exception):
    """The code is wrong, stale or used: the caller is not told which."""


class SixDigitsOff(WrongCode):
    """Six digits were guessed at too often at this contact: only twelve open now. Said of unknown contacts too."""


class JustReplaced(WrongCode):
    """The contact was an account's until lately, and may still be put back there: it opens no other."""


def wrong_code(error: WrongCode) -> str:
    """What a page or the API says."""
    if isinstance(error, JustReplaced):
        return _(
            "この連絡先は、3日のうちに別の連絡先に替えられました。お心あたりがないときは、"
            "届いているお知らせから、もとにもどしてください。ほかの方の登録には、3日たってから使えます。"
        )
    if isinstance(error, SixDigitsOff):
        return _("まちがいが続いたので、6けたの番号を止めました。「もう一度送る」で、12けたの番号が届きます。")
    return _("番号がちがうか、古くなっています。届いた番号をたしかめるか、「もう一度送る」を押してください。")


class Door(StrEnum):
    """Who comes in by a code. The staff's are counted apart, because there a stranger is sent none."""

    PEOPLE = ""
    STAFF = "staff"


class Outcome(StrEnum):
    SENT = "sent"  # a code, just now
    AGAIN = "again"  # the same code once more, just now
    STILL_GOOD = "still_good"  # nothing: the last one is good
    STOPPED = "stopped"  # nothing: no short message may go out


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of asking for a code, in the same words for known and unknown contacts."""

    outcome: Outcome
    sent_at: datetime
    good_until: datetime
    is_long: bool = False
    only_known: bool = False  # a number that is new here gets no short message now
    door: Door = Door.PEOPLE

    @property
    def digits(self) -> int:
        return DIGITS if self.is_long else 6

    def said(self, contact: Contact) -> str:
        """What happened, for the page and the API."""
        if self.outcome == Outcome.STOPPED:
            return _("いまは、ショートメールを送れません。メールアドレスで受け取るか、役員に声をかけてください。")
        words = {"contact": contact.shown, "digits": self.digits, "time": clock_said(self.sent_at)}
        said = (_SAID_TO_STAFF if self.door == Door.STAFF else _SAID)[self.outcome]() % words
        if self.is_long:
            said += _("番号を何度も頼まれたので、長い番号にしました。%(until)sまで、1回使えます。") % {
                "until": moment_said(self.good_until)
            }
        if self.only_known:
            said += _("はじめての電話番号には、いま送れません。そのときは、メールアドレスで受け取ってください。")
        return said

    def kept(self) -> dict[str, Any]:
        """For a session."""
        return {
            "outcome": self.outcome.value,
            "sent_at": self.sent_at.isoformat(),
            "until": self.good_until.isoformat(),
            "is_long": self.is_long,
            "only_known": self.only_known,
            "door": self.door.value,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Sent":
        sent_at, until = (datetime.fromisoformat(kept[name]) for name in ("sent_at", "until"))
        flags = {"is_long": kept["is_long"], "only_known": kept["only_known"], "door": Door(kept["door"])}
        return cls(Outcome(kept["outcome"]), sent_at, until, **flags)


_SAID: dict[Outcome, Callable[[], str]] = {
    Outcome.SENT: lambda: _("%(contact)s に%(digits)sけたの番号を送りました。"),
    Outcome.AGAIN: lambda: _("%(contact)s に同じ番号をもう一度送りました。前に届いたものも使えます。"),
    Outcome.STILL_GOOD: lambda: _("%(time)sに %(contact)s に送った%(digits)sけたの番号が、まだ使えます。"),
}
_SAID_TO_STAFF: dict[Outcome, Callable[[], str]] = {  # where strangers are sent nothing, and told the same
    Outcome.SENT: lambda: _("%(contact)s が登録されていれば、%(digits)sけたの番号が届きます。"),
    Outcome.AGAIN: lambda: _("%(contact)s が登録されていれば、同じ番号がもう一度届きます。"),
    Outcome.STILL_GOOD: lambda: _(
        "%(contact)s が登録されていれば、%(time)sに送った%(digits)sけたの番号が、まだ使えます。"
    ),
}
