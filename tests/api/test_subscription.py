"""The association's plan over HTTP: the representative's business alone."""

import pytest

from tests.billing.stripe_side import StripeSide


@pytest.fixture
def stripe_side(run_tasks):
    return StripeSide(run_tasks)


def test_without_one_the_plan_is_free(api, officer):
    plan = api(officer).get("subscription/").json()
    assert (plan["plan"], plan["status"], plan["monthly_price"], plan["households"]) == ("free", None, 0, 200)


def test_from_checkout_to_the_portal(api, officer, tonan, stripe_side):
    link = api(officer).post("subscription/checkout/", plan="standard")
    assert link.status_code == 200, link.content.decode()
    stripe_side.pay(link.json()["url"])
    stripe_side.deliver_all(tonan)
    plan = api(officer).get("subscription/").json()
    assert (plan["plan"], plan["status"], plan["monthly_price_with_tax"]) == ("standard", "active", 2200)
    assert api(officer).post("subscription/portal/").json()["url"].startswith("http")
    again = api(officer).post("subscription/checkout/", plan="standard")
    assert (again.status_code, set(again.json()["errors"])) == (400, {"plan"})


def test_what_is_not_sold_here_is_400(api, officer):
    for plan in ("free", "city", "gold", "federation"):
        assert api(officer).post("subscription/checkout/", plan=plan).status_code == 400


def test_the_portal_opens_after_a_first_order_only(api, officer):
    assert api(officer).post("subscription/portal/").status_code == 400


def test_when_stripe_is_away_the_answer_is_503(api, officer, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert api(officer).post("subscription/checkout/", plan="standard").status_code == 503


def test_the_plan_is_closed_to_everybody_else(closed, member, leader, forbidden):
    for person in (member, leader):
        forbidden(person, "get", "subscription/")
        forbidden(person, "post", "subscription/checkout/", plan="standard")
        forbidden(person, "post", "subscription/portal/")
    closed("get", "subscription/")
    closed("post", "subscription/checkout/")
    closed("post", "subscription/portal/")
