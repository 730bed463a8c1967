"""New since one was here; how many statements and bytes a feed costs; the shared link."""

import gzip
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.feed.models import Attachment, Post

FRAME = ("SAVEPOINT", "RELEASE", "SELECT set_config", 'SELECT "django_session"', "UPDATE")


@pytest.fixture
def write(tonan, officer):
    def write(title, **fields):
        with bound(tonan):
            return Post.write(by=officer, title=title, **fields)

    return write


def here(client, before, last):
    client.cookies["here"] = f"{int(before.timestamp())}.{int(last.timestamp())}"


def test_a_line_stands_between_new_and_old(client_for, member, write):
    now = timezone.now()
    write("きのうの話", publish_at=now - timedelta(days=1))
    write("きょうの話", publish_at=now - timedelta(hours=1))
    client = client_for(member)
    assert "new-line" not in client.get("/").content.decode()
    here(client, now - timedelta(days=3), now - timedelta(hours=5))
    text = client.get("/").content.decode()
    assert text.index("きょうの話") < text.index("new-line") < text.index("きのうの話")
    assert "new-line" in client.get("/").content.decode()  # looking again at once does not take it away
    assert "new-line" not in client.get("/?show=unread").content.decode()


def test_the_line_may_stand_on_a_later_page(client_for, member, write):
    now = timezone.now()
    for n in range(30):
        write(f"話{n}", publish_at=now - timedelta(hours=n))
    client = client_for(member)
    here(client, now - timedelta(days=3), now - timedelta(hours=22.5))
    first = client.get("/")
    assert "new-line" not in first.content.decode()
    text = client.get(f"/?after={first.context['next']}").content.decode()
    assert text.index("話22<") < text.index("new-line") < text.index("話23<")


@pytest.mark.parametrize("cookie", ["", "x", "1", "1.2.3", "-5.-9", "9" * 40 + ".1", "1.x", "é.1"])
def test_a_broken_cookie_is_somebody_new(client_for, member, cookie):
    client = client_for(member)
    client.cookies["here"] = cookie
    assert client.get("/").status_code == 200


def test_a_full_feed_is_three_statements_and_a_light_page(client_for, member, write, tonan, officer):
    now = timezone.now()
    write("停電です", kind="urgent", publish_at=now - timedelta(days=2))
    for n in range(60):
        post = write(
            f"清掃活動のお手伝いをお願いします{n}", body="あいう" * 100, publish_at=now - timedelta(hours=n / 2)
        )
        with bound(tonan):
            Attachment.objects.create(post=post, owner=officer, kind="photo", name="a", size=1, key=f"k{n}")
    client = client_for(member)
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/")
    own = [q["sql"] for q in asked if not q["sql"].startswith(FRAME) and not _of_the_frame(q["sql"])]
    assert page.context["urgent"].title == "停電です"
    assert len(own) <= 3, own
    assert len(gzip.compress(page.content)) < 30_000


def _of_the_frame(sql: str) -> bool:
    """Who is asking: the account and the member."""
    return bool(re.match(r'SELECT "(accounts_user|members_member)"', sql))


def test_a_page_of_a_long_feed_costs_what_one_of_a_short_one_does(client_for, member, write):
    client = client_for(member)
    client.get("/")
    counts = []
    for _round in range(2):
        for n in range(25):
            write(f"話{n}")
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_shared_link_asks_to_sign_in_and_then_opens_the_post(client_for, browser, tonan, member, write):
    post = write("みんなに教えたい話")
    url = f"/posts/{post.pk}/"
    assert f"{url}</p>" in client_for(member).get(url).content.decode()
    answer = browser(tonan).get(url)
    assert answer.status_code == 302
    assert answer["Location"] == f"/sign-in/?next={url}"


def test_the_outsider_is_led_nowhere(client_for, outsider, write):
    assert client_for(outsider).get(f"/posts/{write('中の話').pk}/").status_code == 404
