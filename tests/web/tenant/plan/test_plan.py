"""The plan: officers look, the representative chooses, and Stripe's double over HTTP takes the money."""

import pytest
import requests
from django.conf import settings

from billing import gateway
from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from tenants.members.models import Member, Seat


@pytest.fixture
def treasurer(tonan, leader):
    """An officer who is not the representative."""
    with bound(tonan):
        Seat.objects.create(title="会計", kind=Seat.Kind.OFFICER).hand_over(leader, by="tests")
        person = Member.objects.with_seats().get(pk=leader.pk)
    person.__dict__["association"] = tonan
    return person


def pay(url):
    """What a buyer does on Stripe's page."""
    page = requests.get(url, timeout=10)
    assert page.status_code == 200
    form = page.text.split('<form method="post" action="')[1].split('"')[0]
    return requests.post(requests.compat.urljoin(url, form), timeout=10, allow_redirects=False)


def test_the_page_shows_the_price_for_this_association(client_for, officer):
    text = client_for(officer).get("/plan/").content.decode()
    assert "200世帯" in text
    assert "月 2,000円" in text
    assert "「標準」を申し込む" in text
    assert "「連合会」を申し込む" not in text


def test_more_households_cost_more(client_for, officer, tonan):
    with public():
        Association.objects.filter(pk=tonan.pk).update(households=700)
    assert "月 4,000円" in client_for(officer).get("/plan/").content.decode()


def test_other_officers_look_but_do_not_choose(client_for, treasurer):
    client = client_for(treasurer)
    text = client.get("/plan/").content.decode()
    assert "プランを選ぶのは、代表者です" in text
    assert "/plan/checkout/" not in text
    assert client.post("/plan/checkout/", {"plan": "standard"}).status_code == 404
    assert client.post("/plan/portal/").status_code == 404


def test_choosing_leads_to_the_page_to_pay_and_the_browser_may_go_there(client_for, officer):
    answer = client_for(officer).post("/plan/checkout/", {"plan": "standard"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(settings.STRIPE_API_BASE)
    allowed = client_for(officer).get("/plan/")["Content-Security-Policy"].split("form-action ")[1].split(";")[0]
    assert settings.STRIPE_API_BASE in allowed.split()


def test_after_paying_the_page_waits_until_the_payment_has_come_in(client_for, officer, tonan):
    client = client_for(officer)
    paid = pay(client.post("/plan/checkout/", {"plan": "standard"})["Location"])
    assert "/plan/done/?plan=standard" in paid.headers["Location"]
    part = client.get("/plan/done/?plan=standard", headers={"HX-Request": "true"}).content.decode()
    assert "お支払いをたしかめています" in part
    assert "hx-trigger" in part
    # No webhook has come in this test: the page itself asks Stripe when it is opened.
    opened = client.get("/plan/done/?plan=standard").content.decode()
    assert "「標準」が使えます" in opened
    assert 'http-equiv="refresh"' not in opened
    page = client.get("/plan/").content.decode()
    assert "税込 2,200円" in page
    assert "「標準」を申し込む" not in page
    assert "請求書" in page
    assert client.post("/plan/portal/")["Location"].startswith(settings.STRIPE_API_BASE)


@pytest.mark.parametrize("plan", ["free", "city", "federation", "x", ""])
def test_what_is_not_sold_here_is_told(client_for, officer, plan):
    answer = client_for(officer).post("/plan/checkout/", {"plan": plan})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_the_portal_needs_something_bought(client_for, officer):
    answer = client_for(officer).post("/plan/portal/")
    assert answer.status_code == 422
    assert "まだお申し込みがありません" in answer.content.decode()


def test_when_stripe_is_away_nothing_has_changed_and_the_page_says_so(client_for, officer, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    gateway._client.cache_clear()
    answer = client_for(officer).post("/plan/checkout/", {"plan": "standard"})
    assert answer.status_code == 503
    assert "つながりませんでした。何も変わっていません。" in answer.content.decode()


def test_members_and_the_outsider_get_nothing(client_for, member, outsider):
    for person in (member, outsider):
        client = client_for(person)
        assert client.get("/plan/").status_code == 404
        assert client.get("/plan/done/").status_code == 404
        assert client.post("/plan/checkout/", {"plan": "standard"}).status_code == 404
