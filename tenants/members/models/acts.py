"""Who may do what: one question, `member.may(act, thing)`, which pages, API and verbs all ask.

An app puts its rules up beside its models (`powers.py`), as it does with shelves for search: nobody imports upwards.
A rule looks at what somebody holds today. Who planned or signed something in an office keeps no power over it.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

if TYPE_CHECKING:
    from tenants.members.models.members import Member


class Act(StrEnum):
    """What may be asked. Each stands with who may in `tests/architecture/test_may.py`."""

    # One's own: name, home, contact, what one receives.
    MIND_ONESELF = "mind_oneself"
    # The roster and the order of the association.
    SEE_ROSTER = "see_roster"
    MIND_HOME = "mind_home"
    KEEP_HOME = "keep_home"
    CORRECT_PERSON = "correct_person"
    ADMIT = "admit"
    TAKE_OUT = "take_out"
    ERASE = "erase"
    INVITE = "invite"
    WITHDRAW_INVITATION = "withdraw_invitation"
    KEEP_GROUPS = "keep_groups"
    SEE_SEATS = "see_seats"
    MAKE_SEAT = "make_seat"
    HAND_OVER = "hand_over"
    # The association as a customer and as a neighbour of others.
    SEE_PLAN = "see_plan"
    SEE_USAGE = "see_usage"
    CHOOSE_PLAN = "choose_plan"
    TAKE_EVERYTHING_ALONG = "take_everything_along"
    CHOOSE_ADDRESS = "choose_address"
    SEE_SUPPORT = "see_support"
    LET_SUPPORT_IN = "let_support_in"
    END_SUPPORT = "end_support"
    DEAL_WITH_FEDERATIONS = "deal_with_federations"
    # Communities, and what is handed on.
    START_COMMUNITY = "start_community"
    ENTER_COMMUNITY = "enter_community"
    LEAD_COMMUNITY = "lead_community"
    REOPEN_COMMUNITY = "reopen_community"
    WRITE_RECORD = "write_record"
    EDIT_RECORD = "edit_record"
    REMOVE_RECORD = "remove_record"
    # The feed.
    WRITE_POST = "write_post"
    PIN_POST = "pin_post"
    EDIT_POST = "edit_post"
    WITHDRAW_POST = "withdraw_post"
    ANSWER_POST = "answer_post"
    REMOVE_COMMENT = "remove_comment"
    REPORT = "report"
    HIDE = "hide"
    SETTLE = "settle"
    SEE_REPORTS = "see_reports"
    RULE_TALK = "rule_talk"
    SEE_REACH = "see_reach"
    CONFIRM_FOR = "confirm_for"
    TAKE_SEAL_BACK = "take_seal_back"
    HAND_PAPER = "hand_paper"
    SEND_FILES = "send_files"
    DESCRIBE_FILE = "describe_file"
    REMOVE_FILE = "remove_file"
    SEE_ROOM = "see_room"
    # The calendar.
    PLAN_EVENT = "plan_event"
    SHARE_EVENT = "share_event"
    CHANGE_EVENT = "change_event"
    ANSWER_EVENT = "answer_event"
    ANSWER_FOR = "answer_for"
    SEE_ANSWERS = "see_answers"
    FILL_CALENDAR = "fill_calendar"


Rule = Callable[["Member", Any], bool]
_rules: dict[Act, Rule] = {}


def rule(*acts: Act) -> Callable[[Rule], Rule]:
    """Put a rule up. Its thing is None when the question is whether there is anything one may do it to."""

    def put_up(says: Rule) -> Rule:
        _rules.update(dict.fromkeys(acts, says))
        return says

    return put_up


class Empowered(models.Model):
    """The part of a member that answers what they may."""

    class Meta:
        abstract: ClassVar = True

    if TYPE_CHECKING:
        visiting: bool

        @property
        def is_admitted(self) -> bool: ...

    def may(self, act: Act, thing: Any = None) -> bool:
        """Whether this person may do it to this thing today; without one, to anything. Who visits does nothing."""
        return not self.visiting and self.may_look_at(act, thing)

    def may_look_at(self, act: Act, thing: Any = None) -> bool:
        """Whether a page about it opens: also to operations' support, which looks on as officers do."""
        return self.is_admitted and _rules[act](self, thing)  # type: ignore[arg-type]  # the one model built on this


def only(by: object, act: Act, thing: Any = None) -> None:
    """Raise PermissionError for a member who may not. What our own code does under a name is asked nothing."""
    if isinstance(by, Empowered) and not by.may(act, thing):
        raise PermissionError(f"This member may not {act.value.replace('_', ' ')} here.")
