"""What may be planned: times, rules, questions, and who may plan it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenants.calendar import rules
from tenants.members.models import Act, Member, only

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event

MONTH = timedelta(days=31)
QUESTIONS, CHOICES, LONGEST_QUESTION, LONGEST_REPLY = 2, 8, 60, 200


def check(event: "Event", by: Member, before: "Event | None" = None) -> None:
    """Raise PermissionError, or ValidationError by field."""
    if event.audience == event.Audience.COMMUNITY and event.community is None:
        raise ValidationError({"community": _("コミュニティを選んでください。")})
    only(by, Act.PLAN_EVENT, event)
    if event.shared and not (before and before.shared):
        only(by, Act.SHARE_EVENT, event)
    errors: dict[str, str] = {}
    if not event.title.strip():
        errors["title"] = _("行事の名前が、まだ入っていません。")
    if before and before.answers_by != event.answers_by and event.rsvps.exists():
        errors["answers_by"] = _("もう答えた方がいるので、答え方は変えられません。")
    if event.shared and event.audience != event.Audience.EVERYONE:
        errors["shared"] = _("加盟している団体に見せる行事は、見える人を「全世帯」にしてください。")
    if not _readable(event.questions):
        errors["questions"] = _("聞くことは2つまで、選ぶ言葉は8つまでにしてください。")
    errors |= _wrong_times(event.starts_at, event.ends_at) or _wrong_rule(event, before)
    if errors:
        raise ValidationError(errors)


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Of one time of a series."""
    errors = _wrong_times(starts_at, ends_at)
    if not errors and ends_at - starts_at > MONTH:
        errors["ends_at"] = _("くり返す行事は、1回を31日までにしてください。")
    if errors:
        raise ValidationError(errors)


def replies(questions: Sequence[dict[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """What is kept of the replies: those to the event's own questions, one of the choices where there are some."""
    kept = {}
    for question in questions:
        text = str(given.get(question["text"], "")).strip()
        if not text:
            continue
        if len(text) > LONGEST_REPLY:
            raise ValidationError({"replies": _("答えは200文字までにしてください。")})
        if question["choices"] and text not in question["choices"]:
            raise ValidationError({"replies": _("答えを、ならんでいるものから選んでください。")})
        kept[question["text"]] = text
    return kept


def _wrong_times(starts_at: datetime, ends_at: datetime) -> dict[str, str]:
    if not 2000 <= starts_at.year <= 2100 or not 2000 <= ends_at.year <= 2100:
        return {"starts_at": _("年が読み取れません。")}
    if ends_at <= starts_at:
        return {"ends_at": _("終わりが、始まりより前になっています。")}
    return {}


def _wrong_rule(event: "Event", before: "Event | None") -> dict[str, str]:
    if not event.rrule:
        return {}
    if event.ends_at - event.starts_at > MONTH:  # each day of a page would hold all that go on
        return {"ends_at": _("くり返す行事は、1回を31日までにしてください。")}
    if before and (before.rrule, before.starts_at) == (event.rrule, event.starts_at):
        return {}  # one written before rules were held against their beginning
    try:
        rules.check(event.rrule, event.starts_at)
    except ValueError:
        return {"rrule": _("くり返しの決まりが読み取れません。")}
    if not rules.fits(event.rrule, event.starts_at):
        return {"rrule": _("はじめの日が、くり返しの決まりに合っていません。")}
    return {}


def _readable(questions: Any) -> bool:
    if not isinstance(questions, list) or len(questions) > QUESTIONS:
        return False
    if not all(isinstance(question, dict) and _is_question(question) for question in questions):
        return False
    return len({question["text"] for question in questions}) == len(questions)


def _is_question(question: dict[str, Any]) -> bool:
    text, choices = question.get("text"), question.get("choices")
    if set(question) != {"text", "choices"} or not _is_word(text) or not isinstance(choices, list):
        return False
    return len(choices) <= CHOICES and all(_is_word(choice) for choice in choices)


def _is_word(text: Any) -> bool:
    return isinstance(text, str) and len(text.strip()) > 0 and len(text) <= LONGEST_QUESTION
