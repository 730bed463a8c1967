"""Checkout sessions: made over the API, paid or left on a hosted page."""

import time

from infra.dev.doubles.server import Request, Response, Route, redirect
from infra.dev.doubles.stripe import invoices
from infra.dev.doubles.stripe.catalog import cost, create_price
from infra.dev.doubles.stripe.customers import create_customer
from infra.dev.doubles.stripe.endpoints import Params, endpoint
from infra.dev.doubles.stripe.errors import StripeError, invalid, missing
from infra.dev.doubles.stripe.form import boolean, integer, merged
from infra.dev.doubles.stripe.pages import button, frame, link, per, table, yen
from infra.dev.doubles.stripe.paging import PAGING, paged
from infra.dev.doubles.stripe.shapes import Object, new
from infra.dev.doubles.stripe.state import Account
from infra.dev.doubles.stripe.subscriptions import open_subscription

PLAIN = ("cancel_url", "client_reference_id", "customer", "customer_email", "locale", "success_url")
PAGE = "allow_promotion_codes billing_address_collection customer_update payment_method_types submit_type"
NEW = f"{' '.join(PLAIN)} {PAGE} automatic_tax expires_at line_items metadata mode subscription_data"


@endpoint("POST", "/v1/checkout/sessions", NEW)
def create_session(account: Account, params: Params) -> Object:
    if params.get("mode") != "subscription":
        raise invalid("This double of Stripe sells subscriptions only: mode=subscription.", "mode")
    for name in ("line_items", "success_url"):
        if not params.get(name):
            raise missing(name)
    session = new("checkout.session", **{name: params[name] for name in PLAIN if name in params})
    if session["customer"]:
        account.get("customer", session["customer"], "customer")
    items = [_item(account, each) for each in params["line_items"]]
    session |= _amounts(account, items, taxed=boolean(params.get("automatic_tax", {}).get("enabled")))
    session |= {
        "url": f"{account.base_url}/checkout/{session['id']}",
        "expires_at": integer(params.get("expires_at", session["created"] + 86400), "expires_at"),
        "metadata": merged({}, params.get("metadata")),
        "_items": items,
        "_subscription": _subscription_data(params.get("subscription_data", {})),
    }
    return account.save(session)


def _item(account: Account, given: Params) -> Object:
    price = create_price(account, given["price_data"])["id"] if "price_data" in given else given.get("price")
    found = account.get("price", price, "line_items[price]")
    if not found["recurring"]:
        raise invalid("You must provide at least one recurring price in `subscription` mode.", "line_items[price]")
    return {"price": found["id"], "quantity": integer(given.get("quantity", 1), "line_items[quantity]")}


def _amounts(account: Account, items: list[Object], *, taxed: bool) -> Object:
    priced = [(account.get("price", item["price"]), item["quantity"]) for item in items]
    subtotal, tax = sum(cost(*each) for each in priced), invoices.tax_on(priced) if taxed else 0
    shape = new("checkout.session")
    return {
        "amount_subtotal": subtotal,
        "amount_total": subtotal + tax,
        "automatic_tax": shape["automatic_tax"] | {"enabled": taxed, "status": "complete" if taxed else None},
        "currency": priced[0][0]["currency"],
        "total_details": shape["total_details"] | {"amount_tax": tax},
    }


def _subscription_data(given: Params) -> Params:
    for name in given:
        if name not in ("description", "metadata"):
            param = f"subscription_data[{name}]"
            raise StripeError(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
    return given


@endpoint("GET", "/v1/checkout/sessions/{id}")
def retrieve_session(account: Account, params: Params, id: str) -> Object:
    return _current(account, id)


@endpoint("GET", "/v1/checkout/sessions", f"customer status subscription {' '.join(PAGING)}")
def list_sessions(account: Account, params: Params) -> Object:
    sessions = [_current(account, each["id"]) for each in account.all("checkout.session")]
    return paged(sessions, params, "/v1/checkout/sessions", ["customer", "status", "subscription"])


@endpoint("POST", "/v1/checkout/sessions/{id}/expire")
def expire_session(account: Account, params: Params, id: str) -> Object:
    session = _current(account, id)
    if session["status"] != "open":
        raise invalid(
            f"Only Checkout Sessions with a status of `open` can be expired; it is {session['status']}.", "id"
        )
    return _expire(account, session)


def _current(account: Account, key: str) -> Object:
    """A session left alone expires the next time somebody looks."""
    session = account.get("checkout.session", key)
    over = session["status"] == "open" and session["expires_at"] <= time.time()
    return _expire(account, session) if over else session


def _expire(account: Account, session: Object) -> Object:
    expired = session | {"status": "expired", "url": None}
    account.emit("checkout.session.expired", account.save(expired))
    return expired


def pay(account: Account, session: Object) -> Object:
    key = session["customer"] or create_customer(account, {"email": session["customer_email"] or ""})["id"]
    customer, wish = account.get("customer", key), session["_subscription"]
    subscription = open_subscription(
        account,
        customer["id"],
        session["_items"],
        automatic_tax=new("subscription")["automatic_tax"] | {"enabled": session["automatic_tax"]["enabled"]},
        description=wish.get("description"),
        metadata=merged({}, wish.get("metadata")),
    )
    invoices.pay_off(account, account.get("invoice", subscription["latest_invoice"]))
    complete = session | {
        "customer": customer["id"],
        "customer_details": _details(customer),
        "invoice": subscription["latest_invoice"],
        "payment_status": "paid",
        "status": "complete",
        "subscription": subscription["id"],
        "url": None,
    }
    account.emit("checkout.session.completed", account.save(complete))
    return complete


def _details(customer: Object) -> Object:
    told = {name: customer[name] for name in ("address", "email", "name", "phone", "tax_exempt")}
    return told | {"business_name": None, "individual_name": None, "tax_ids": []}


class CheckoutPage:
    def __init__(self, account: Account) -> None:
        self.account = account

    def routes(self) -> list[Route]:
        return [("GET", "/checkout/{id}", self._show), ("POST", "/checkout/{id}/payment", self._pay)]

    def _show(self, _request: Request, id: str) -> Response:
        try:
            with self.account.transaction():
                return self._page(_current(self.account, id))
        except StripeError:
            return frame("お支払い画面が見つかりません", "<p>リンクをもう一度お確かめください。</p>", 404)

    def _page(self, session: Object) -> Response:
        if session["status"] == "complete":
            return frame("お支払いは済んでいます", link(_success_url(session), "元の画面へ進む"))
        leave = link(session["cancel_url"], "やめる") if session["cancel_url"] else ""
        if session["status"] == "expired":
            return frame("お支払いの期限が過ぎました", f"<p>お申し込みからやり直してください。</p>{leave}", 410)
        total = ("合計", yen(session["amount_total"]))
        bill = table([*map(self._row, session["_items"]), *_tax_rows(session)], total)
        form = button(f"/checkout/{session['id']}/payment", "支払う", main=True)
        return frame("テスト用のお支払いページ", f'<section class="card">{bill}</section>{form}{leave}')

    def _row(self, item: Object) -> tuple[str, str]:
        price = self.account.get("price", item["price"])
        name = self.account.get("product", price["product"])["name"]
        count = f" × {item['quantity']}" if item["quantity"] != 1 else ""
        return f"{name}（{per(price['recurring'])}）{count}", yen(cost(price, item["quantity"]))

    def _pay(self, _request: Request, id: str) -> Response:
        """Paying twice (a double tap, the back button) pays once."""
        try:
            with self.account.transaction():
                session = _current(self.account, id)
                if session["status"] == "open":
                    session = pay(self.account, session)
        except StripeError as error:
            return frame("お支払いができませんでした", "", error.status)
        return redirect(_success_url(session) if session["status"] == "complete" else f"/checkout/{id}")


def _tax_rows(session: Object) -> list[tuple[str, str]]:
    tax = session["total_details"]["amount_tax"]
    return [(f"消費税（{invoices.TAX_PERCENT}%）", yen(tax))] if tax else []


def _success_url(session: Object) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
