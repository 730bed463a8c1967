"""Search against what it stands for: a look through every text of everything the member sees on the pages."""

from datetime import timedelta
from functools import wraps

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlplane.folding import folded, words_of
from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.communities.models import Community, HandoverRecord
from tenants.feed.models import Attachment, Post
from tenants.members.models import Member, Seat
from tenants.search import models
from tenants.search.filling import fill
from tenants.search.models import Entry, Kind
from tenants.search.question import Author, Question
from tenants.search.shelves import find, shelves

LETTERS = st.text(st.sampled_from("清掃ごみゴミｺﾞﾐpPａ1１ 　\n。%_\\'"), max_size=12)
ROLES = ("officer", "leader", "member", "waiting")
slowly = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def house(tonan):
    """桃南会 without what it says already, bound."""
    with bound(tonan):
        Post.objects.update(withdrawn_at=timezone.now())
        Event.objects.all().delete()
        Entry.objects.all().delete()
        yield


@pytest.fixture
def small_steps(monkeypatch):
    """With few things there, let all that is done for many happen."""
    monkeypatch.setattr(models, "NEAR", 3)
    monkeypatch.setattr(models, "FIRST", 2)
    monkeypatch.setattr(models, "FREQUENT", 2)
    monkeypatch.setattr(models, "INDEXED", 2)


def undone(test):
    """Each example begins with the house as it was."""

    @wraps(test)
    def example(*args, **kwargs):
        with transaction.atomic():
            test(*args, **kwargs)
            transaction.set_rollback(True)

    return example


def _written(record):
    return [record.problem, record.handling, record.result, *(note.handling for note in record.notes.all())]


def everything(member, question):
    """The answers by looking at each thing: (kind, key)."""
    sources = {
        Kind.POST: [(p.pk, f"{p.title}\n{p.body}") for p in Post.objects.visible_to(member)],
        Kind.DOCUMENT: [
            (a.pk, f"{a.name}\n{a.text}")
            for a in Attachment.objects.filter(kind="document", post__in=Post.objects.visible_to(member))
        ],
        Kind.EVENT: [(e.pk, f"{e.title}\n{e.place}\n{e.description}") for e in Event.objects.visible_to(member)],
        Kind.COMMUNITY: [(c.pk, f"{c.name}\n{c.description}") for c in Community.objects.visible_to(member)],
        Kind.RECORD: [(r.pk, "\n".join(_written(r))) for r in HandoverRecord.objects.visible_to(member)],
    }
    return {
        (kind, pk)
        for kind, things in sources.items()
        for pk, text in things
        if question.words and all(word in folded(text) for word in question.words)
    }


def answers(member, question, size=20):
    """All that is found, page by page."""
    found, after = [], None
    while True:
        page = find(member, question, after=after, size=size)
        found += [(each.kind, each.thing.pk) for each in page.found]
        after = page.next
        if after is None:
            assert len(found) == len(set(found))
            return found


def document(owner, text):
    return Attachment.objects.create(
        owner=owner, kind="document", name="書類.pdf", content_type="application/pdf", size=9, key="k", text=text
    )


@slowly
@given(
    said=st.lists(st.tuples(LETTERS, LETTERS, st.integers(0, 60)), max_size=8),
    events=st.lists(st.tuples(LETTERS, LETTERS), max_size=3),
    papers=st.lists(LETTERS, max_size=2),
    asked=LETTERS,
)
@undone
def test_search_finds_exactly_what_a_look_at_everything_finds(
    house, small_steps, officer, member, said, events, papers, asked
):
    now = timezone.now()
    for title, body, days in said:
        Post.write(by=officer, title=f"題{title}", body=body, publish_at=now - timedelta(days=days))
    for paper in papers:
        Post.write(by=officer, title="書類", attachments=[document(officer, paper)])
    for title, description in events:
        Event.plan(
            by=officer, title=f"行{title}", description=description, starts_at=now, ends_at=now + timedelta(hours=1)
        )
    question = Question.asking(asked)
    assert set(answers(member, question, size=3)) == everything(member, question)
    if question.words:
        listed = Post.objects.visible_to(member).search(asked).values_list("pk", flat=True)
        assert {(Kind.POST, pk) for pk in listed} == {it for it in everything(member, question) if it[0] == Kind.POST}


AUDIENCES = st.sampled_from([*Post.Audience.values])
FATES = st.sampled_from(["stays", "scheduled", "expired", "withdrawn", "edited"])


@slowly
@given(posts=st.lists(st.tuples(AUDIENCES, FATES, st.booleans()), min_size=1, max_size=8), who=st.sampled_from(ROLES))
@undone
def test_no_door_of_search_shows_what_the_pages_hide(house, small_steps, cast, posts, who):
    """Every audience, whatever became of the post, its words and its document: seen by search if seen by the page."""
    officer, now = cast.officer, timezone.now()
    room, club = Community.objects.order_by("pk")
    for number, (audience, fate, inside) in enumerate(posts):
        inside_ = {"group": cast.leader.household.group, "community": club if inside else room}
        times = {"publish_at": now + timedelta(days=1)} if fate == "scheduled" else {}
        files = [document(officer, "秘密の書類")]
        fields = {name: value for name, value in inside_.items() if name == audience}
        post = Post.write(by=officer, title=f"秘密{number}", audience=audience, attachments=files, **fields, **times)
        if fate == "expired":
            Post.objects.filter(pk=post.pk).update(publish_at=now - timedelta(2), expires_at=now - timedelta(1))
        if fate == "withdrawn":
            post.remove(by=officer)
        if fate == "edited":
            post.edit(by=officer, title="別の話", body="", attachments=[])
    reader = getattr(cast, who)
    for asked in ("秘密", "秘", "別の話", "書類"):
        question = Question.asking(asked)
        assert set(answers(reader, question, size=2)) == everything(reader, question)
    seen = set(Post.objects.visible_to(reader).values_list("pk", flat=True))
    for question in (
        Question(what="notice"),
        Question(author=Author("member", officer.pk)),
        Question(group=cast.leader.household.group_id),
    ):
        found = {pk for kind, pk in answers(reader, question) if kind == Kind.POST}
        assert found <= seen
        assert question.group or found == seen


def test_a_visitor_finds_what_a_visitor_may_read(house, officer):
    room = Community.objects.get(name="役員のへや")
    Post.write(by=officer, title="役員の話", audience=Post.Audience.OFFICERS)
    Post.write(by=officer, title="へやの話", audience=Post.Audience.COMMUNITY, community=room)
    visitor = Member.visitor("運営")
    assert [each.title for each in find(visitor, Question.asking("の話")).found] == ["役員の話"]


def test_tags_that_meet_by_chance_do_not_mix_things_up(house, officer, monkeypatch):
    """The number of a tag may be another's, too: what is found is held against the thing itself."""
    Post.write(by=officer, title="会長の話", as_seat=Seat.objects.get(title="会長"))
    Post.write(by=officer, title="会員の話")
    for entry in Entry.objects.all():
        Entry.objects.filter(pk=entry.pk).update(grams=[*entry.grams, *Question(what="urgent").grams()])
    assert find(officer, Question(what="urgent")).found == []


def test_erasing_takes_a_persons_words_out_of_the_index(house, tonan, member, officer):
    club = Community.objects.get(name="防災の会")
    theirs = {"audience": Post.Audience.COMMUNITY, "community": club}
    Post.write(by=member, title="消える話", attachments=[document(member, "消える書類")], **theirs)
    start = timezone.now() + timedelta(days=1)
    event = {"starts_at": start, "ends_at": start + timedelta(hours=1), "description": "消える説明", **theirs}
    Event.plan(by=member, title="残る行事", **event)
    member.erase(by=officer)
    assert not Entry.objects.filter(text__contains="消える").exists()
    assert Entry.objects.filter(text__contains="残る行事").exists()


def test_filling_makes_what_is_missing_and_only_that(house, tonan, officer, member):
    kept = Post.write(by=officer, title="もうある話")
    gone = Post.write(by=officer, title="取り下げた話")
    post = Post.write(by=officer, title="まだない話", attachments=[document(officer, "まだない書類")])
    gone.remove(by=officer)
    Entry.objects.exclude(kind=Kind.POST, object_id=kept.pk).delete()
    before = Entry.objects.get()
    made = fill(lambda: bound(tonan))
    assert made == Post.objects.count() - 1 + 1 + Community.objects.count()
    assert Entry.objects.get(pk=before.pk).text == before.text
    assert {each.title for each in find(member, Question.asking("まだない")).found} == {"まだない話", "書類.pdf"}
    assert fill(lambda: bound(tonan)) == 0
    assert post.pk in Entry.objects.filter(kind=Kind.POST).values_list("object_id", flat=True)


def test_everything_that_verbs_write_is_what_filling_would_write(tonan, officer):
    """The cast's own things were written by verbs: made anew, the index is the same."""
    with bound(tonan):
        rows = sorted(Entry.objects.values_list("kind", "object_id", "at", "text", "grams"))
        Entry.objects.all().delete()
        assert fill(lambda: bound(tonan)) == len(rows)
        assert sorted(Entry.objects.values_list("kind", "object_id", "at", "text", "grams")) == rows
        assert {shelf.kind for shelf in shelves()} == set(Kind)
    assert words_of("清掃")
