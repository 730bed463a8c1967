"""`GET /search/`: across posts, documents, events and communities, as a program asks."""

from datetime import datetime

import pytest

from controlplane.tenancy import bound
from tenants.feed.models import Attachment, Post
from tenants.members.models import Seat


@pytest.fixture
def write(tonan, officer):
    def write(title, **fields):
        with bound(tonan):
            return Post.write(by=officer, title=title, **fields)

    return write


def found(answer):
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["results"]


def test_each_says_what_it_is_and_where_the_words_stand(api, member, write, tonan):
    with bound(tonan):
        chair = Seat.objects.get(title="会長")
    post = write("ゴミの日", body="ｺﾞﾐは八時までに", as_seat=chair, kind=Post.Kind.CIRCULAR)
    [one] = found(api(member).get("search/", q="ごみ"))
    assert one | {"at": ""} == {
        "kind": "circular",
        "id": post.pk,
        "post": post.pk,
        "at": "",
        "title": "ゴミの日",
        "marked_title": [{"text": "ゴミ", "found": True}, {"text": "の日", "found": False}],
        "excerpt": [{"text": "ｺﾞﾐ", "found": True}, {"text": "は八時までに", "found": False}],
        "author": {"kind": "seat", "id": chair.pk, "name": "会長"},
        "group": None,
        "community": None,
    }


def test_every_kind_is_found_and_can_be_asked_for_alone(api, member, officer, write, tonan):
    with bound(tonan):
        file = {"kind": "document", "name": "当番表.pdf", "content_type": "application/pdf", "size": 9, "key": "k"}
        document = Attachment.objects.create(owner=officer, text="公園の掃除当番", **file)
    post = write("公園について", attachments=[document])
    program = api(member)
    assert {(one["kind"], one["post"]) for one in found(program.get("search/", q="公園"))} == {
        ("notice", post.pk),
        ("document", post.pk),
        ("event", None),
    }
    for kind, number in (("notice", 1), ("document", 1), ("event", 1), ("community", 0), ("urgent", 0)):
        assert len(found(program.get("search/", q="公園", kind=kind))) == number, kind
    [club] = found(program.get("search/", kind="community"))
    assert club["community"] == {"id": club["id"], "name": "防災の会"}


def test_days_authors_and_groups_narrow(api, member, officer, write):
    write("昔の話", publish_at=datetime.fromisoformat("2019-04-01T23:30:00+09:00"))
    write("2組への話", audience=Post.Audience.GROUP, group=member.household.group)
    program = api(member)
    assert len(found(program.get("search/", q="の話", **{"from": "2019-04-01", "to": "2019-04-01"}))) == 1
    assert found(program.get("search/", q="の話", **{"from": "2019-04-02", "to": "2019-04-30"})) == []
    assert len(found(program.get("search/", group=member.household.group_id))) == 1
    assert len(found(program.get("search/", q="話", author=f"member:{officer.pk}"))) == 2
    assert found(program.get("search/", q="話", author="seat:2")) == []


def test_pages_lead_on_to_the_end(api, member, write):
    for number in range(7):
        write(f"連番の話{number}")
    program, titles = api(member), []
    page = program.get("search/", q="連番", page_size=3).json()
    while True:
        titles += [one["title"] for one in page["results"]]
        if page["next"] is None:
            break
        page = program.follow(page["next"]).json()
    assert titles == [f"連番の話{number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "字" * 10_000},
        {"q": "\0"},
        {"kind": "x"},
        {"from": "2025-02-30"},
        {"from": "2025-02-02", "to": "2025-02-01"},
        {"author": "seat:x"},
        {"group": "x"},
        {"group": "9" * 30},
    ],
)
def test_what_cannot_be_read_is_refused(api, member, asked):
    answer = api(member).get("search/", **asked)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_nothing_asked_finds_nothing(api, member):
    assert found(api(member).get("search/")) == found(api(member).get("search/", q="\u200f　")) == []


def test_a_cursor_of_nonsense_is_a_missing_page(api, member):
    assert api(member).get("search/", q="清掃", cursor="x").status_code == 404


def test_posts_listed_by_words_are_those_search_finds(api, member, write):
    write("ゴミの日", pinned=True)
    write("ごみ袋")
    assert [one["title"] for one in found(api(member).get("posts/", q="ｺﾞﾐ"))] == ["ゴミの日", "ごみ袋"]


def test_the_outsider_finds_nothing(closed):
    closed("get", "search/?q=清掃")
