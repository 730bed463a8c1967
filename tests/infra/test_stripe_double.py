"""The double of Stripe as Stripe's own library meets it: what it sells, what it refuses, what it remembers."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

SHAPES = json.loads((Path(__file__).parents[2] / "infra/dev/doubles/stripe/shapes.json").read_text())


@pytest.fixture
def price(account: stripe.StripeClient) -> stripe.Price:
    product = account.v1.products.create({"name": "標準プラン"})
    return account.v1.prices.create(
        {"product": product.id, "currency": "jpy", "unit_amount": 2000, "recurring": {"interval": "month"}}
    )


@pytest.fixture
def customer(account: stripe.StripeClient) -> stripe.Customer:
    return account.v1.customers.create({"name": "桃南会", "email": "daihyo@example.jp"})


def begin(account: stripe.StripeClient, price: stripe.Price, **more: Any) -> Any:
    return account.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": price.id, "quantity": 2}],
            "success_url": "http://kairan.localhost/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://kairan.localhost/plans",
            **more,
        }
    )


def pay(session: Any) -> requests.Response:
    return requests.post(f"{session.url}/payment", allow_redirects=False)


def assert_shape(item: Any) -> None:
    """The keys of Stripe's own example, all of them and no others, in the object and in what it contains."""
    if isinstance(item, dict) and isinstance(item.get("object"), str) and item["object"] in SHAPES:
        assert set(item) == set(SHAPES[item["object"]]), item["object"]
    for each in item.values() if isinstance(item, dict) else item if isinstance(item, list) else ():
        assert_shape(each)


def test_paying_on_the_page_makes_an_active_subscription_with_a_paid_invoice(
    account: stripe.StripeClient, price: stripe.Price, customer: stripe.Customer
) -> None:
    session = begin(account, price, customer=customer.id, subscription_data={"metadata": {"plan": "standard"}})
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 4000)
    response = pay(session)
    assert response.status_code == 303
    assert response.headers["Location"] == f"http://kairan.localhost/done?session={session.id}"
    done = account.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (done.status, done.payment_status, done.customer) == ("complete", "paid", customer.id)
    subscription: Any = done.subscription
    item = subscription["items"].data[0]
    assert (subscription.status, item.quantity, item.price.id) == ("active", 2, price.id)
    assert subscription.metadata["plan"] == "standard"
    assert 28 * 86400 <= item.current_period_end - item.current_period_start <= 31 * 86400
    invoice: Any = account.v1.invoices.retrieve(str(subscription.latest_invoice))
    assert (invoice.status, invoice.amount_paid, invoice.number) == ("paid", 4000, f"{customer.invoice_prefix}-0001")
    assert invoice.parent.subscription_details.subscription == subscription.id


def test_paying_twice_pays_once(account: stripe.StripeClient, price: stripe.Price, customer: stripe.Customer) -> None:
    session = begin(account, price, customer=customer.id)
    assert pay(session).headers["Location"] == pay(session).headers["Location"]
    assert len(account.v1.subscriptions.list({"customer": customer.id}).data) == 1


def test_a_buyer_without_an_account_becomes_a_customer(account: stripe.StripeClient, price: stripe.Price) -> None:
    session = begin(account, price, customer_email="new@example.jp")
    pay(session)
    buyer = account.v1.checkout.sessions.retrieve(session.id).customer
    assert account.v1.customers.retrieve(str(buyer)).email == "new@example.jp"


def test_the_page_says_it_is_a_test_and_works_without_scripts(
    account: stripe.StripeClient, price: stripe.Price
) -> None:
    page = requests.get(begin(account, price).url).text
    assert "テスト用のお支払いページ" in page
    assert "標準プラン（毎月） × 2" in page
    assert "4,000円" in page
    assert 'href="http://kairan.localhost/plans">やめる' in page
    assert "<script" not in page


def test_consumption_tax_comes_on_top_when_asked_for(account: stripe.StripeClient, price: stripe.Price) -> None:
    session = begin(account, price, automatic_tax={"enabled": True})
    assert (session.amount_subtotal, session.total_details.amount_tax, session.amount_total) == (4000, 400, 4400)
    pay(session)
    invoice: Any = account.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]}).invoice
    assert (invoice.total, invoice.total_excluding_tax, invoice.total_taxes[0].amount) == (4400, 4000, 400)


def test_an_expired_session_takes_no_payment(account: stripe.StripeClient, price: stripe.Price) -> None:
    session = begin(account, price)
    account.v1.checkout.sessions.expire(session.id)
    pay(session)
    assert account.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_households_in_steps_cost_what_the_tiers_say(account: stripe.StripeClient) -> None:
    product = account.v1.products.create({"name": "標準プラン"})
    tiers: Any = [{"up_to": 1, "unit_amount": 2000}, {"up_to": "inf", "unit_amount": 1000}]
    terms: Any = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers}
    price = account.v1.prices.create(
        {
            "product": product.id,
            "currency": "jpy",
            "recurring": {"interval": "month"},
            "transform_quantity": {"divide_by": 300, "round": "up"},
            **terms,
        }
    )
    totals = [
        begin(account, price, line_items=[{"price": price.id, "quantity": n}]).amount_total for n in (300, 301, 901)
    ]
    assert totals == [2000, 3000, 5000]


def test_a_subscription_is_changed_ended_and_listed(
    account: stripe.StripeClient, price: stripe.Price, customer: stripe.Customer
) -> None:
    pay(begin(account, price, customer=customer.id))
    (subscription,) = account.v1.subscriptions.list({"customer": customer.id}).data
    item = subscription["items"].data[0]
    changed = account.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item.id, "quantity": 3}], "cancel_at_period_end": True}
    )
    assert changed["items"].data[0].quantity == 3
    assert changed.cancel_at == item.current_period_end
    resumed = account.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert (resumed.cancel_at, resumed.canceled_at) == (None, None)
    assert account.v1.subscriptions.cancel(subscription.id).status == "canceled"
    assert account.v1.subscriptions.list({"customer": customer.id}).data == []
    assert len(account.v1.subscriptions.list({"customer": customer.id, "status": "all"}).data) == 1


def test_an_invoice_to_be_paid_by_transfer_stays_open_until_it_is_booked(
    account: stripe.StripeClient, price: stripe.Price, customer: stripe.Customer
) -> None:
    subscription = account.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price.id}],
            "collection_method": "send_invoice",
            "days_until_due": 30,
        }
    )
    invoice = account.v1.invoices.retrieve(str(subscription.latest_invoice))
    assert (subscription.status, invoice.status, invoice.due_date) == ("active", "open", invoice.created + 30 * 86400)
    booked = account.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    assert (booked.status, booked.amount_remaining) == ("paid", 0)


def test_a_declined_renewal_leaves_the_subscription_past_due_until_paid(
    account: stripe.StripeClient, price: stripe.Price, customer: stripe.Customer, gateways: dict[str, str]
) -> None:
    pay(begin(account, price, customer=customer.id))
    (subscription,) = account.v1.subscriptions.list({"customer": customer.id}).data
    hook = f"{gateways['STRIPE_API_BASE']}/_test/subscriptions/{subscription.id}/renewal"
    renewed = requests.post(hook, json={"outcome": "failed"}).json()
    assert renewed["status"] == "past_due"
    requests.post(f"{gateways['STRIPE_API_BASE']}/invoices/{renewed['latest_invoice']}/payment")
    assert account.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_the_portal_ends_and_resumes_a_subscription(
    account: stripe.StripeClient, price: stripe.Price, customer: stripe.Customer
) -> None:
    pay(begin(account, price, customer=customer.id))
    (subscription,) = account.v1.subscriptions.list({"customer": customer.id}).data
    portal = account.v1.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "http://kairan.localhost/back"}
    )
    assert "期間の終わりで解約する" in requests.get(portal.url).text
    page = requests.post(f"{portal.url}/subscriptions/{subscription.id}/cancel").text
    assert account.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end is True
    assert "解約を取り消す" in page
    assert 'href="http://kairan.localhost/back">戻る' in page
    requests.post(f"{portal.url}/subscriptions/{subscription.id}/resume")
    assert account.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end is False


def test_prices_are_found_by_lookup_key_and_the_key_can_move(account: stripe.StripeClient, price: stripe.Price) -> None:
    key = uuid.uuid4().hex
    account.v1.prices.update(price.id, {"lookup_key": key})
    same: Any = {"product": price.product, "currency": "jpy", "unit_amount": 1, "recurring": {"interval": "month"}}
    with pytest.raises(stripe.InvalidRequestError, match="lookup key"):
        account.v1.prices.create({**same, "lookup_key": key})
    newer = account.v1.prices.create({**same, "lookup_key": key, "transfer_lookup_key": True})
    assert [each.id for each in account.v1.prices.list({"lookup_keys": [key]}).data] == [newer.id]


def test_lists_are_read_page_by_page(account: stripe.StripeClient) -> None:
    email = f"{uuid.uuid4().hex}@example.jp"
    made = [account.v1.customers.create({"email": email, "name": f"会員{n}"}).id for n in range(5)]
    pages = account.v1.customers.list({"email": email, "limit": 2})
    assert (len(pages.data), pages.has_more) == (2, True)
    assert [each.id for each in pages.auto_paging_iter()] == made[::-1]


def test_the_same_idempotency_key_acts_once(account: stripe.StripeClient) -> None:
    key, email = uuid.uuid4().hex, f"{uuid.uuid4().hex}@example.jp"
    options: Any = {"idempotency_key": key}
    first = account.v1.customers.create({"email": email}, options)
    assert account.v1.customers.create({"email": email}, options).id == first.id
    assert len(account.v1.customers.list({"email": email}).data) == 1
    with pytest.raises(stripe.IdempotencyError):
        account.v1.customers.create({"email": "other@example.jp"}, options)


def test_a_wrong_key_is_an_authentication_error(gateways: dict[str, str]) -> None:
    stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": gateways["STRIPE_API_BASE"]})
    with pytest.raises(stripe.AuthenticationError) as refusal:
        stranger.v1.customers.list()
    assert refusal.value.http_status == 401


def test_errors_name_the_parameter(account: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.customers.retrieve("cus_none")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.customers.create({"emial": "x@example.jp"})  # type: ignore[typeddict-unknown-key]
    assert (refusal.value.code, refusal.value.param) == ("parameter_unknown", "emial")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.products.create({})  # type: ignore[typeddict-item]
    assert (refusal.value.code, refusal.value.param) == ("parameter_missing", "name")


def test_a_deleted_customer_is_only_that(account: stripe.StripeClient, customer: stripe.Customer) -> None:
    account.v1.customers.delete(customer.id)
    gone: Any = account.v1.customers.retrieve(customer.id)
    assert gone.to_dict() == {"id": customer.id, "object": "customer", "deleted": True}


def test_every_object_has_the_keys_of_stripes_own(
    gateways: dict[str, str], account: stripe.StripeClient, price: stripe.Price, customer: stripe.Customer
) -> None:
    pay(begin(account, price, customer=customer.id))
    account.v1.billing_portal.sessions.create({"customer": customer.id})
    headers = {"Authorization": f"Bearer {gateways['STRIPE_SECRET_KEY']}"}
    seen = set()
    for path in ("products", "prices", "customers", "checkout/sessions", "subscriptions", "invoices", "events"):
        for item in requests.get(f"{gateways['STRIPE_API_BASE']}/v1/{path}", headers=headers).json()["data"]:
            assert_shape(item)
            seen.add(item["object"])
    assert seen == {"product", "price", "customer", "checkout.session", "subscription", "invoice", "event"}
