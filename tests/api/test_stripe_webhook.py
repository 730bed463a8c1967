"""Stripe's webhook over HTTP: stored once, or refused without a trace."""

import json

import pytest

from billing.models import StripeEvent
from controlplane.tenancy import public
from tests.billing.stripe_side import signature

EVENT = {
    "object": "event",
    "id": "evt_http",
    "type": "invoice.paid",
    "created": 1_790_000_000,
    "livemode": False,
    "data": {"object": {"id": "in_1"}},
}
BODY = json.dumps(EVENT, indent=1).encode()  # not as any parser would write it again: the raw bytes count


def send(apex_api, body, signed, content_type="application/json"):
    headers = {"Stripe-Signature": signed} if signed else {}
    return apex_api().client.post("/api/v1/webhooks/stripe/", body, content_type=content_type, headers=headers)


def stored():
    with public():
        return StripeEvent.objects.count()


def test_a_signed_event_is_stored_once_however_often_it_comes(apex_api):
    for _twice in range(2):
        assert send(apex_api, BODY, signature(BODY)).status_code == 200
    assert stored() == 1


@pytest.mark.parametrize(
    ("body", "signed"),
    [(BODY, ""), (BODY, "t=1,v1=0"), (BODY + b" ", signature), (b"\xff\xfe", signature), (b"", signature)],
)
def test_an_unsigned_one_is_400_and_leaves_nothing(apex_api, body, signed):
    answer = send(apex_api, body, signed(BODY) if callable(signed) else signed)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert stored() == 0


def test_it_is_400_when_five_minutes_old(apex_api):
    assert send(apex_api, BODY, signature(BODY, age=301)).status_code == 400
    assert stored() == 0


def test_it_is_400_when_signed_for_later(apex_api):
    assert send(apex_api, BODY, signature(BODY, age=-400)).status_code == 400
    assert send(apex_api, BODY, signature(BODY, age=-60)).status_code == 200  # our clock may be behind
    assert stored() == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "evt_" + "1" * 80},
        {"id": "evt_\0"},
        {"id": ["evt_1"] * 40},
        {"type": "invoice." + "p" * 80},
        {"type": "invoice\0paid"},
        {"data": {"object": {"id": "in_" + "1" * 80}}},
        {"data": {"object": {"id": "in_\0"}}},
        {"data": {"object": []}},
        {"data": None},
        *({"created": when} for when in (10**18, 10**400, -(10**18), 10**11, -1, 0, 1e300, "now", None, True)),
    ],
    ids=repr,
)
def test_a_signed_one_that_stripe_would_not_write_is_400(apex_api, odd):
    body = json.dumps(EVENT | odd).encode()
    assert send(apex_api, body, signature(body)).status_code == 400
    assert stored() == 0


@pytest.mark.parametrize("created", ["1e999999", "-Infinity", "NaN", "9" * 5000])
def test_so_is_one_whose_moment_is_no_number(apex_api, created):
    body = json.dumps(EVENT).replace(str(EVENT["created"]), created).encode()
    assert send(apex_api, body, signature(body)).status_code == 400
    assert stored() == 0


def test_no_cookie_and_no_content_type_is_asked_for(apex_api):
    assert send(apex_api, BODY, signature(BODY), content_type="text/plain").status_code == 200


def test_a_site_receives_no_webhooks(api):
    answer = api().client.post("/api/v1/webhooks/stripe/", BODY, content_type="application/json")
    assert answer.status_code == 404
