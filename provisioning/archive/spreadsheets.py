"""The friendly part of an archive: what a person opens in a spreadsheet, with Japanese headings. Import ignores it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.calendar.models import Event, Rsvp
from tenants.feed.models import Comment, Post
from tenants.members.models import Household, Member, SeatTerm

PAGE = 1000
Row = Sequence[object]


@dataclass(frozen=True)
class Sheet:
    """One file: its name, the line of headings, and its rows in the bound schema."""

    name: str
    headings: Sequence[Any]  # lazy texts
    find: Callable[[], "QuerySet[Any]"]
    row: Callable[[Any], Row]

    @property
    def heading(self) -> list[str]:
        return [str(heading) for heading in self.headings]

    def rows(self) -> Iterator[Row]:
        """Page by page, so that no table is ever held whole; inside one snapshot no page can slip."""
        last = 0
        while True:
            page = list(self.find().order_by("pk").filter(pk__gt=last)[:PAGE])
            yield from map(self.row, page)
            if len(page) < PAGE:
                return
            last = page[-1].pk


def _household(home: Household) -> Row:
    return home.pk, home.group, home.name, home.postal_code, home.address, home.get_channel_display()


def _member(person: Member) -> Row:
    user = person.user
    contacts = (user.email, user.shown_phone) if user else ("", "")
    home = person.household
    moments = map(_when, (person.registered_at, person.admitted_at, person.left_at))
    return person.pk, person.name, person.kana, home.pk, home.group, *contacts, *moments


def _term(term: SeatTerm) -> Row:
    return (
        term.seat.title,
        term.seat.get_kind_display(),
        term.seat.group,
        term.member.name,
        term.starts_on,
        term.ends_on,
    )


def _post(post: Any) -> Row:
    told = post.get_kind_display(), post.title, post.body, post.to or post.get_audience_display(), post.by
    moments = map(_when, (post.publish_at, post.expires_at, post.withdrawn_at))
    return post.pk, *told, *moments, post.read_households, post.comment_count


def _comment(comment: Any) -> Row:
    return (
        comment.post_id,
        comment.about,
        comment.by,
        comment.body,
        *_moments(comment, "created_at", "removed_at"),
    )


def _event(event: Event) -> Row:
    audience = event.community or event.get_audience_display()
    told = event.title, event.description, event.place
    return event.pk, *told, *_moments(event, "starts_at", "ends_at"), event.rrule, audience, _when(event.cancelled_at)


def _rsvp(rsvp: Rsvp) -> Row:
    answer = rsvp.get_answer_display(), rsvp.companions, _when(rsvp.at)
    return rsvp.event_id, rsvp.event.title, rsvp.occurs_on, rsvp.household.name, *answer


def _moments(thing: Any, *names: str) -> Iterator[str]:
    return (_when(getattr(thing, name)) for name in names)


def _when(moment: datetime | date | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if isinstance(moment, datetime) else ""


SHEETS = (
    Sheet(
        "households",
        (_("番号"), _("組"), _("世帯"), _("郵便番号"), _("住所"), _("届け方")),
        lambda: Household.objects.select_related("group"),
        _household,
    ),
    Sheet(
        "members",
        (
            _("番号"),
            _("名前"),
            _("よみがな"),
            _("世帯の番号"),
            _("組"),
            _("メール"),
            _("携帯電話"),
            _("登録"),
            _("承認"),
            _("退会"),
        ),
        lambda: Member.objects.select_related("user", "household__group"),
        _member,
    ),
    Sheet(
        "seats",
        (_("役職"), _("種類"), _("組"), _("名前"), _("始まり"), _("終わり")),
        lambda: SeatTerm.objects.select_related("seat__group", "member"),
        _term,
    ),
    Sheet(
        "posts",
        (
            _("番号"),
            _("種類"),
            _("題"),
            _("本文"),
            _("届け先"),
            _("書いた人"),
            _("公開"),
            _("終わり"),
            _("取り下げ"),
            _("見た世帯"),
            _("コメント"),
        ),
        lambda: Post.objects.annotate(  # names alone: thousands of people and groups need not be made for them
            by=Coalesce("as_seat__title", "author__name"), to=Coalesce("group__name", "community__name")
        ),
        _post,
    ),
    Sheet(
        "comments",
        (_("お知らせの番号"), _("お知らせ"), _("書いた人"), _("コメント"), _("書いた日時"), _("消した日時")),
        lambda: Comment.objects.annotate(about=F("post__title"), by=F("author__name")),
        _comment,
    ),
    Sheet(
        "events",
        (_("番号"), _("行事"), _("説明"), _("場所"), _("始まり"), _("終わり"), _("くり返し"), _("届け先"), _("中止")),
        lambda: Event.objects.select_related("community"),
        _event,
    ),
    Sheet(
        "answers",
        (_("行事の番号"), _("行事"), _("日"), _("世帯"), _("出欠"), _("いっしょに来る人"), _("答えた日時")),
        lambda: Rsvp.objects.select_related("event", "household"),
        _rsvp,
    ),
)
