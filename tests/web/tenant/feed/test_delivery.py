"""The delivery ledger: which homes were reached, and who may know their names."""

import pytest
from django.core.cache import caches

from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Grant
from controlplane.tenancy import bound, public
from tenants.feed.models import Post
from tenants.members.models import Household


@pytest.fixture
def post(tonan, officer):
    with bound(tonan):
        return Post.write(by=officer, title="夏まつりのお手伝い")


@pytest.fixture
def paid(tonan):
    with public():
        Association.objects.get(pk=tonan.pk).grant(Feature.DELIVERY_LEDGER, source=Grant.Source.CITY)
    caches["routing"].clear()


@pytest.fixture
def paper_home(tonan):
    with bound(tonan):
        return Household.objects.get(name="紙の家")


def test_without_the_plan_the_page_names_it_with_its_price(client_for, officer, leader, post):
    text = client_for(officer).get(f"/posts/{post.pk}/delivery/").content.decode()
    assert "「標準」のプランで使えます。" in text
    assert "200世帯なら月 2,000円（税別）" in text
    assert 'href="/plan/"' in text
    gentle = client_for(leader).get(f"/posts/{post.pk}/delivery/").content.decode()
    assert "役員に聞いてみてください" in gentle
    assert 'href="/plan/"' not in gentle


def test_every_home_is_reached_on_paper_or_not_known(client_for, officer, member, post, paid, tonan, paper_home):
    client_for(member).get(f"/posts/{post.pk}/")
    client = client_for(officer)
    client.post(f"/posts/{post.pk}/delivery/paper/", {"household": paper_home.pk})
    context = client.get(f"/posts/{post.pk}/delivery/").context
    with bound(tonan):
        delivery, homes = post.delivery(), Household.objects.count()
        assert [home.pk for home in delivery.reached()] == [member.household_id]
        assert [home.pk for home in delivery.paper()] == [paper_home.pk]
        assert delivery.unknown().count() == homes - 2
        assert delivery.figures == {"total": homes, "reached": 1, "paper": 1, "unknown": homes - 2}
    assert sum(row["total"] for row in context["groups"].page) == homes


def test_handing_over_is_noted_once_and_leaves_the_list(client_for, officer, post, paid, paper_home, tonan):
    client = client_for(officer)
    assert "紙の家さんのお宅" in client.get(f"/posts/{post.pk}/delivery/").content.decode()
    for _again in range(2):
        text = client.post(
            f"/posts/{post.pk}/delivery/paper/", {"household": paper_home.pk}, follow=True
        ).content.decode()
    assert "に渡したと、書きとめました。" in text
    assert "紙の家さんのお宅に紙を渡した" not in text
    with bound(tonan):
        assert post.handovers.count() == 1


def test_by_htmx_the_ledger_alone_comes_back(client_for, officer, post, paid, paper_home):
    url, htmx = f"/posts/{post.pk}/delivery/paper/", {"HX-Request": "true"}
    text = client_for(officer).post(url, {"household": paper_home.pk}, headers=htmx).content.decode()
    assert text.strip().startswith("<div")
    assert 'id="ledger"' in text


def test_a_leader_sees_all_figures_but_names_of_the_own_group_only(
    client_for, leader, member, post, paid, tonan, paper_home
):
    page = client_for(leader).get(f"/posts/{post.pk}/delivery/")
    assert {home.group_id for home in page.context["homes"].page} == {1}
    assert len(page.context["groups"].page) == 2
    client = client_for(leader)
    theirs = client.post(f"/posts/{post.pk}/delivery/paper/", {"household": member.household_id})
    assert theirs.status_code == 404
    own = client.post(f"/posts/{post.pk}/delivery/paper/", {"household": paper_home.pk})
    assert own.status_code == 302


@pytest.mark.parametrize("household", ["", "x", "99999", "-1"])
def test_an_unknown_home_is_not_found(client_for, officer, post, paid, household):
    assert client_for(officer).post(f"/posts/{post.pk}/delivery/paper/", {"household": household}).status_code == 404


def test_without_the_plan_nothing_is_noted(client_for, officer, post, paper_home):
    assert (
        client_for(officer).post(f"/posts/{post.pk}/delivery/paper/", {"household": paper_home.pk}).status_code == 404
    )


def test_members_and_the_outsider_get_nothing(client_for, member, outsider, post, paid, paper_home):
    for person in (member, outsider):
        assert client_for(person).get(f"/posts/{post.pk}/delivery/").status_code == 404
        answer = client_for(person).post(f"/posts/{post.pk}/delivery/paper/", {"household": paper_home.pk})
        assert answer.status_code == 404
