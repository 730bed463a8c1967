"""Filling one live site inside its binding: groups, households, people, posts, answers. Seeded, so always the same."""

import random
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from controlplane.accounts.browsers import Browser
from controlplane.accounts.models import ApiToken, Device, User
from controlplane.accounts.ways import Way
from provisioning import documents
from provisioning.demonstration import Example, story
from provisioning.demonstration.pictures import picture
from tenants.calendar import rules
from tenants.calendar.models import Event
from tenants.communities.models import Community, HandoverRecord
from tenants.feed.models import Attachment, Confirmation, Post, Reaction, ReadReceipt
from tenants.members.models import Group, Household, Member, Seat

WEEKS = 26  # how far back registrations reach


def fill(example: Example) -> None:
    """Write everything in one transaction, after the files; a site that has posts already is left as it is."""
    if Post.objects.exists():
        return
    officer = Member.objects.with_seats().get(user__email=example.officer_email)
    files = [_files(notice, officer, example) for notice in story.NOTICES]
    dice = random.Random(example.slug)  # noqa: S311  demonstration data, not a secret
    groups = _groups(example)
    _people(example, groups, dice)
    _leaders(groups, officer)
    _ways_in(example)
    _communities(officer, dice)
    _records(officer)
    plans = {plan.title: _plan(plan, officer) for plan in story.PLANS}
    for post in [_write(*each, officer, plans) for each in zip(story.NOTICES, files, strict=True)]:
        _respond(post, dice)
    for event in plans.values():
        _answer(event, dice)
    _corrected(officer)
    _move(next(iter(plans.values())), officer)


def _groups(example: Example) -> list[Group]:
    return Group.objects.bulk_create(Group(name=name, position=n) for n, name in enumerate(example.groups, 1))


def _people(example: Example, groups: list[Group], dice: random.Random) -> None:
    """As many households as published, the published number of people registered, some of the rest on paper."""
    Household.objects.update(group=groups[0])  # the representative's home
    homes = Household.objects.bulk_create(
        _home(n, groups[n % len(groups)], example.registered, dice) for n in range(1, example.households)
    )
    users = User.objects.bulk_create(User(email=_email(example, n)) for n in range(1, example.registered))
    now = timezone.now()
    members = []
    for user, home in zip(users, homes, strict=False):
        since = now - timedelta(days=int(WEEKS * 7 * dice.random() ** 1.5))
        user.last_seen_on = timezone.localdate() - timedelta(days=int(60 * dice.random() ** 2))
        members.append(Member(user=user, household=home, name=home.name, admitted_at=since))
    User.objects.bulk_update(users, ["last_seen_on"])
    Member.objects.bulk_create(members)


def _home(number: int, group: Group, registered: int, dice: random.Random) -> Household:
    if number < registered:
        channel = Household.Channel.APP
    else:
        channel = Household.Channel.PAPER if dice.random() < 0.6 else Household.Channel.NONE
    return Household(name=f"会員{number}", group=group, channel=channel)


def _email(example: Example, number: int) -> str:
    return example.member_email if number == 1 else f"member{number}@{example.slug}.example.jp"


def _leaders(groups: list[Group], officer: Member) -> None:
    """A leader's seat in every group, held where somebody is registered (never by 会員1, the plain member)."""
    for position, group in enumerate(groups, 10):
        seat = Seat.objects.create(title=f"{group.name} 組長", kind=Seat.Kind.LEADER, group=group, position=position)
        holder = Member.objects.filter(household__group=group).exclude(pk=officer.pk).exclude(name="会員1").first()
        if holder:
            seat.hand_over(holder, by=officer)


def _ways_in(example: Example) -> None:
    """The officer and 会員1 are signed in at a second device, and have given a program a key."""
    for user in User.objects.filter(email__in=[example.officer_email, example.member_email]):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        Device.objects.seen(Way(session=session, browser=Browser("Windows", "Edge")))
        ApiToken.objects.issue(user, name="会館の掲示板")


def _communities(officer: Member, dice: random.Random) -> None:
    people = list(Member.objects.exclude(pk=officer.pk)[:60])
    for name, access, description in story.COMMUNITIES:
        community = Community.start(by=officer, name=name, access=access, description=description)
        for member in dice.sample(people, min(12, len(people))):
            community.join(member)
        Post.write(
            by=officer,
            title=f"{name}をはじめました",
            body=description,
            audience=Post.Audience.COMMUNITY,
            community=community,
        )


def _records(officer: Member) -> None:
    """What the officers hand on, in the leaders' room; 会員1 leads 防災の会."""
    room = Community.objects.get(name=story.COMMUNITIES[0][0])
    for problem, handling, outcome in story.RECORDS:
        HandoverRecord.write(by=officer, community=room, problem=problem, handling=handling, outcome=outcome)
    plain, club = Member.objects.filter(name="会員1").first(), Community.objects.get(name=story.COMMUNITIES[1][0])
    if plain:
        club.join(plain)
        club.memberships.get(member=plain).appoint(by=officer)


def _files(notice: story.Notice, officer: Member, example: Example) -> list[Attachment]:
    """Loose until the post is written: should that never come, they are cleared away."""
    attachments = []
    if notice.picture:
        photo = Attachment.objects.receive(
            SimpleUploadedFile(f"{notice.picture}.png", picture(notice.picture)), by=officer
        )
        Attachment.objects.filter(pk=photo.pk).update(alt=notice.alt, caption=notice.caption)
        attachments.append(photo)
    if notice.pdf:
        paper = documents.post_pdf(
            example.name, notice.pdf, "回覧", "環境委員", "", "1組から順に、受付・道具・袋の係をお願いします。", ""
        )
        attachments.append(Attachment.objects.receive(SimpleUploadedFile(f"{notice.pdf}.pdf", paper), by=officer))
    return attachments


def _write(notice: story.Notice, attachments: list[Attachment], officer: Member, plans: dict[str, Event]) -> Post:
    return Post.write(
        by=officer,
        attachments=attachments,
        as_seat=officer.seats().first(),
        kind=notice.kind,
        title=notice.title,
        body=notice.body,
        audience=notice.audience,
        pinned=notice.pinned,
        event=plans[notice.event].pk if notice.event else None,
        publish_at=timezone.now() - timedelta(days=notice.days, hours=1),
    )


def _corrected(officer: Member) -> None:
    """One notice that was corrected, one draft, one post by hand for the morning."""
    hall = Post.objects.get(title="集会所の今月の空きです")
    hall.edit(by=officer, body=f"{hall.body}\n\nなおし：日曜の午後も空きました。")
    Post.write(by=officer, title="年末の夜回りについて", body="日にちを決めてから出します。", publish_at=None)


def _respond(post: Post, dice: random.Random) -> None:
    if post.audience != Post.Audience.EVERYONE:
        return
    people = [m for m in Member.objects.select_related("household") if m.name != "会員1" and dice.random() < 0.62]
    ReadReceipt.objects.bulk_create(
        ReadReceipt(post=post, member=member, household_id=member.household_id) for member in people
    )
    Post.objects.filter(pk=post.pk).update(read_households=len({member.household_id for member in people}))
    for member in people[:25]:
        post.react(member, dice.choice(Reaction.Kind.values))
    if post.kind == Post.Kind.CIRCULAR:
        Confirmation.objects.bulk_create(
            Confirmation(post=post, household_id=home, by=member)
            for home, member in {member.household_id: member for member in people[::2]}.items()
        )
        for member, text in zip(people, story.COMMENTS, strict=False):
            post.comment(by=member, body=text)


def _plan(plan: story.Plan, officer: Member) -> Event:
    starts = timezone.make_aware(datetime.combine(_day(plan), time(plan.hour)))
    return Event.plan(
        by=officer,
        title=plan.title,
        place=plan.place,
        description=plan.description,
        starts_at=starts,
        ends_at=starts + timedelta(hours=plan.hours),
        rrule=plan.rrule,
        capacity=plan.capacity,
        waiting_list=plan.capacity is not None,
        questions=[{"text": plan.asks, "choices": []}] if plan.asks else [],
        remind=Event.Remind.DAY_BEFORE,
    )


def _move(event: Event, officer: Member) -> None:
    """The second time of a series begins an hour later, elsewhere."""
    second = event.occurrences(timezone.now(), timezone.now() + timedelta(days=60))[1]
    note, place = story.MOVED
    later = timedelta(hours=1)
    event.move(
        second.on,
        by=officer,
        starts_at=second.starts_at + later,
        ends_at=second.ends_at + later,
        place=place,
        note=note,
    )


def _day(plan: story.Plan) -> date:
    """The planned day, or the first on or after it that the recurrence names."""
    day = timezone.localdate() + timedelta(days=plan.days)
    if not plan.rrule:
        return day
    return timezone.localdate(rules.first_on(plan.rrule, timezone.make_aware(datetime.combine(day, time()))))


def _answer(event: Event, dice: random.Random) -> None:
    people = list(Member.objects.select_related("household").order_by("pk")[:40])
    for member in people:
        if member.name != "会員1" and dice.random() < 0.4 and event.capacity is None:
            event.answer(member, dice.choice(["yes", "yes", "no", "maybe"]))
