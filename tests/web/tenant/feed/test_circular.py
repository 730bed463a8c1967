"""A circular's seals on the page: one's own home, and the leader's list of those that are missing."""

import pytest

from controlplane.tenancy import bound
from tenants.feed.models import Confirmation, Post
from tenants.members.models import Household


@pytest.fixture
def post(tonan, officer) -> Post:
    with bound(tonan):
        return Post.write(by=officer, kind="circular", title="回覧です")


def seals(tonan, post):
    with bound(tonan):
        return Confirmation.objects.filter(post=post).count()


def test_a_home_presses_its_seal_and_takes_it_back(client_for, member, tonan, post):
    client = client_for(member)
    assert "見ました（はんこを押す）" in client.get(f"/posts/{post.pk}/").content.decode()
    assert seals(tonan, post) == 0
    page = client.post(f"/posts/{post.pk}/confirmation/", follow=True).content.decode()
    assert "さんのお宅は見ました" in page
    assert "見ました（はんこを押す）" not in page
    assert seals(tonan, post) == 1
    client.post(f"/posts/{post.pk}/confirmation/", {"undo": "1"})
    assert seals(tonan, post) == 0


def test_there_is_one_filled_button_at_a_time(client_for, member, post):
    page = client_for(member).get(f"/posts/{post.pk}/").content.decode()
    assert page.count('class="button primary') == 1


def test_the_leader_sees_the_own_group_s_missing_homes_and_presses_for_them(client_for, leader, tonan, post):
    client = client_for(leader)
    page = client.get(f"/posts/{post.pk}/confirmations/").content.decode()
    assert "紙の家" in page
    assert "会員1さんのお宅" not in page
    with bound(tonan):
        paper, other = Household.objects.get(name="紙の家"), Household.objects.filter(group__name="2組").first()
    page = client.post(f"/posts/{post.pk}/confirmations/home/", {"household": paper.pk}, follow=True).content.decode()
    assert "かわりに、はんこを押しました" in page
    for home in (other.pk, 0, "x", ""):
        answer = client.post(f"/posts/{post.pk}/confirmations/home/", {"household": home})
        assert answer.status_code == 404
    assert seals(tonan, post) == 1
    client.post(f"/posts/{post.pk}/confirmations/home/", {"household": paper.pk, "undo": "1"})
    assert seals(tonan, post) == 0


def test_a_notice_asks_for_no_seal(client_for, officer, member):
    assert client_for(member).post("/posts/1/confirmation/").status_code == 404
    assert client_for(officer).get("/posts/1/confirmations/").status_code == 404


def test_members_and_outsiders_get_no_list(client_for, member, outsider, post):
    assert client_for(member).get(f"/posts/{post.pk}/confirmations/").status_code == 404
    for path in ("confirmation/", "confirmations/", "confirmations/home/"):
        for method in ("get", "post"):
            assert getattr(client_for(outsider), method)(f"/posts/{post.pk}/{path}").status_code in {404, 405}
