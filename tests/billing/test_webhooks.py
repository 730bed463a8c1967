"""Whose webhook it is: a bad signature, an old one, the other mode, another account's are refused, without a trace."""

import json

import pytest

from billing.gateway import BadSignature
from billing.models import StripeEvent
from controlplane.tenancy import public
from tests.billing.stripe_side import signature

TYPES = ("customer.subscription.updated", "invoice.paid", "checkout.session.completed", "customer.deleted")


def event(type: str = "invoice.paid", **changes: object) -> dict[str, object]:
    told = {"object": "event", "id": "evt_1", "type": type, "created": 1_790_000_000, "livemode": False}
    return {**told, "data": {"object": {"id": "in_1"}}, **changes}


def body(type: str, **changes: object) -> bytes:
    return json.dumps(event(type, **changes)).encode()


def without(type: str, name: str) -> bytes:
    return json.dumps({key: value for key, value in event(type).items() if key != name}).encode()


FAULTS = {
    "no signature": lambda type: (body(type), ""),
    "garbage": lambda type: (body(type), "garbage"),
    "no time": lambda type: (body(type), "v1=" + "0" * 64),
    "not a time": lambda type: (body(type), "t=yesterday,v1=" + "0" * 64),
    "letters beyond ASCII": lambda type: (body(type), "t=1,v1=署名"),
    "another secret": lambda type: (body(type), signature(body(type), secret="whsec_of_somebody_else")),
    "no secret at all": lambda type: (body(type), signature(body(type), secret="")),
    "another scheme": lambda type: (body(type), signature(body(type), scheme="v0")),
    "another body": lambda type: (body(type, id="evt_2"), signature(body(type))),
    "one byte more": lambda type: (body(type) + b" ", signature(body(type))),
    "301 seconds old": lambda type: (body(type), signature(body(type), age=301)),
    "a day old": lambda type: (body(type), signature(body(type), age=86400)),
    "live mode": lambda type: signed(body(type, livemode=True)),
    "no mode": lambda type: signed(without(type, "livemode")),
    "a connected account": lambda type: signed(body(type, account="acct_1")),
    "another context": lambda type: signed(body(type, context="acct_1/acct_2")),
    "not an object": lambda type: signed(b'["evt_1"]'),
    "not JSON": lambda type: signed(b"evt_1"),
    "no id": lambda type: signed(without(type, "id")),
    "no object": lambda type: signed(body(type, data={})),
}


def signed(content: bytes) -> tuple[bytes, str]:
    return content, signature(content)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_webhook_that_is_not_for_us_is_refused_and_leaves_no_trace(db, fault, type):
    content, header = FAULTS[fault](type)
    with public():
        with pytest.raises(BadSignature):
            StripeEvent.receive(content, header)
        assert not StripeEvent.objects.exists()


def test_bytes_that_are_no_text_are_refused(db):
    with public(), pytest.raises(BadSignature):
        StripeEvent.receive(b"\xff\xfe", "t=1,v1=00")


@pytest.mark.parametrize("type", TYPES)
def test_a_webhook_for_us_is_kept(db, type):
    with public():
        StripeEvent.receive(*signed(body(type)))
        kept = StripeEvent.objects.get()
    assert (kept.stripe_id, kept.type, kept.about, kept.processed_at) == ("evt_1", type, "in_1", None)


def test_four_minutes_are_not_too_old(db):
    with public():
        StripeEvent.receive(body("invoice.paid"), signature(body("invoice.paid"), age=240))
        assert StripeEvent.objects.exists()


def test_while_the_secret_is_being_changed_either_signature_is_enough(db):
    content = body("invoice.paid")
    old = signature(content, secret="whsec_old").partition(",")[2]
    with public():
        StripeEvent.receive(content, f"{signature(content)},{old}")
        assert StripeEvent.objects.exists()


def test_in_live_mode_a_test_s_webhook_is_refused(db, settings):
    settings.STRIPE_LIVE_MODE = True
    with public():
        with pytest.raises(BadSignature):
            StripeEvent.receive(*signed(body("invoice.paid")))
        StripeEvent.receive(*signed(body("invoice.paid", livemode=True)))
        assert StripeEvent.objects.count() == 1


def test_without_a_secret_nothing_is_believed(db, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    with public(), pytest.raises(BadSignature):
        StripeEvent.receive(*signed(body("invoice.paid")))
