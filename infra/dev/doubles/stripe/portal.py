"""The customer portal and the page of an invoice: what a customer may do alone."""

from html import escape

from infra.dev.doubles.server import Request, Response, Route, redirect
from infra.dev.doubles.stripe import invoices
from infra.dev.doubles.stripe.endpoints import Params, endpoint
from infra.dev.doubles.stripe.errors import StripeError, missing
from infra.dev.doubles.stripe.pages import button, day, frame, link, table, yen
from infra.dev.doubles.stripe.shapes import Object, new
from infra.dev.doubles.stripe.state import Account
from infra.dev.doubles.stripe.subscriptions import change, ending, subscriptions_of

STATES = {"active": "ご利用中", "past_due": "お支払いが滞っています", "canceled": "解約済み"}
INVOICE_STATES = {"open": "未払い", "paid": "支払い済み"}


@endpoint("POST", "/v1/billing_portal/sessions", "configuration customer locale return_url")
def create_portal_session(account: Account, params: Params) -> Object:
    if "customer" not in params:
        raise missing("customer")
    account.get("customer", params["customer"], "customer")
    session = new("billing_portal.session", **params)
    return account.save(session | {"url": f"{account.base_url}/portal/{session['id']}"})


class PortalPage:
    def __init__(self, account: Account) -> None:
        self.account = account

    def routes(self) -> list[Route]:
        return [
            ("GET", "/portal/{id}", self._show),
            ("POST", "/portal/{id}/subscriptions/{subscription}/{wish}", self._change),
            ("GET", "/invoices/{id}", self._show_invoice),
            ("POST", "/invoices/{id}/payment", self._pay_invoice),
        ]

    def _show(self, _request: Request, id: str) -> Response:
        try:
            with self.account.transaction():
                session = self.account.get("billing_portal.session", id)
                subscriptions = subscriptions_of(self.account, session["customer"])
                bills = [each for each in self.account.all("invoice") if each["customer"] == session["customer"]]
        except StripeError:
            return frame("ページが見つかりません", "<p>元の画面からもう一度お進みください。</p>", 404)
        cards = "".join(self._card(session, each) for each in subscriptions) or "<p>ご契約はありません。</p>"
        rows = [(f"{day(bill['created'])}　{INVOICE_STATES[bill['status']]}", yen(bill["total"])) for bill in bills]
        history = f'<section class="card"><h2>請求の履歴</h2>{table(rows)}</section>' if rows else ""
        back = link(session["return_url"], "戻る") if session["return_url"] else ""
        return frame("ご契約の確認と変更（テスト用）", cards + history + back)

    def _card(self, session: Object, subscription: Object) -> str:
        item = subscription["items"]["data"][0]
        name = self.account.get("product", item["price"]["product"])["name"]
        ends, until = subscription["cancel_at_period_end"], day(item["current_period_end"])
        rows = [
            ("状態", STATES[subscription["status"]]),
            ("解約の予定日" if ends else "次の更新日", until),
        ]
        place = f"/portal/{session['id']}/subscriptions/{subscription['id']}"
        wish = ("resume", "解約を取り消す") if ends else ("cancel", "期間の終わりで解約する")
        form = button(f"{place}/{wish[0]}", wish[1])
        return f'<section class="card"><h2>{escape(name)}</h2>{table(rows)}{form}</section>'

    def _change(self, _request: Request, id: str, subscription: str, wish: str) -> Response:
        try:
            with self.account.transaction():
                customer = self.account.get("billing_portal.session", id)["customer"]
                mine = [each for each in subscriptions_of(self.account, customer) if each["id"] == subscription]
                for each in mine:
                    change(self.account, each, **ending(each, wish == "cancel"))
        except StripeError as error:
            return frame("変更できませんでした", "", error.status)
        return redirect(f"/portal/{id}")

    def _show_invoice(self, _request: Request, id: str) -> Response:
        try:
            with self.account.transaction():
                bill = self.account.get("invoice", id)
        except StripeError:
            return frame("請求書が見つかりません", "", 404)
        rows: list[tuple[str, str]] = [("請求書番号", bill["number"]), ("状態", INVOICE_STATES[bill["status"]])]
        if bill["due_date"]:
            rows.append(("お支払い期限", day(bill["due_date"])))
        sheet = f'<section class="card">{table(rows, ("合計", yen(bill["total"])))}</section>'
        wish = button(f"/invoices/{id}/payment", "支払う", main=True) if bill["status"] == "open" else ""
        return frame("請求書（テスト用）", sheet + wish)

    def _pay_invoice(self, _request: Request, id: str) -> Response:
        try:
            with self.account.transaction():
                if self.account.get("invoice", id)["status"] == "open":
                    invoices.pay_invoice(self.account, {}, id)
        except StripeError as error:
            return frame("お支払いができませんでした", "", error.status)
        return redirect(f"/invoices/{id}")
