"""Short messages: counted for the association that sends them, stopped where its plan ends, and told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from controlplane.accounts.code_answers import Outcome
from controlplane.accounts.contacts import Contact
from controlplane.accounts.login_codes import LoginCode
from controlplane.accounts.models import User
from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Operator
from controlplane.metering.models import CeilingHour, Kind, SmsUse, Stop, Usage, parts_of
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tenants.feed import news
from tenants.feed.models import Delivery, Post

NUMBER = "+819012345678"


def allow(association, feature=Feature.SMS_50) -> None:
    with public():
        Association.objects.get(pk=association.pk).grant(feature, source="self_hosted")


def queue(body: str = "断水です", kind: Kind = Kind.URGENT, to: str = NUMBER) -> Message:
    return Message.queue("sms", to, body=body, kind=kind)


def usage(association) -> Usage:
    with public():
        return Usage.of(Association.objects.get(pk=association.pk))


@pytest.mark.parametrize(("letters", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_a_long_message_counts_for_as_many_as_it_is_billed(letters, parts):
    assert parts_of("あ" * letters) == parts
    assert parts_of("😀" * 36) == 2  # each is two letters on the way


def test_on_the_free_plan_news_by_short_message_stop_and_codes_go_on(tonan, member):
    with bound(tonan):
        assert queue().error == Stop.BUDGET
        code = LoginCode.objects.send(Contact.parse("090-1234-5678"), asked_from="192.0.2.1", site_name="桃南会")
        assert code.outcome == Outcome.SENT
        assert Message.objects.stopped().count() == 1
        assert Message.objects.queued().count() == 1


def test_a_plan_s_messages_are_sent_and_not_one_more(tonan, fujishiro):
    allow(tonan)
    with bound(tonan):
        states = [queue().state for _n in range(52)]
    assert states == ["queued"] * 50 + ["bounced"] * 2
    used = usage(tonan)
    assert (used.news_used, used.news_left, used.news_stopped, used.yen) == (50, 0, 2, 600)
    assert usage(fujishiro).yen == 0


def test_what_does_not_fit_any_more_is_not_begun(tonan):
    allow(tonan)
    with bound(tonan):
        for _n in range(49):
            queue()
        assert queue("あ" * 71).is_stopped
        assert not queue().is_stopped


def test_a_new_month_begins_anew_by_the_clock_of_tokyo(tonan, monkeypatch):
    allow(tonan)
    moment = datetime(2027, 5, 31, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    with bound(tonan):
        assert [queue().is_stopped for _n in range(51)][-1]
        moment = moment + timedelta(minutes=1)
        assert not queue().is_stopped


def test_fifty_at_once_spend_no_more_than_the_plan(django_db_setup, django_db_blocker):
    start = Barrier(20)

    def send(association: Association) -> bool:
        try:
            start.wait(timeout=60)
            with bound(association):
                return any([not queue().is_stopped, not queue().is_stopped, not queue().is_stopped])
        finally:
            connection.close()

    with django_db_blocker.unblock():
        with public():
            tonan = Association.objects.get(slug="tonan")
        try:
            allow(tonan)
            with ThreadPoolExecutor(20) as pool:
                list(pool.map(send, [tonan] * 20))
            assert usage(tonan).news_used == 50
            with bound(tonan):
                assert Message.objects.queued().filter(to=NUMBER).count() == 50
        finally:
            with bound(tonan):
                Message.objects.filter(to=NUMBER).delete()
            with public():
                SmsUse.objects.all().delete()
                Association.objects.get(pk=tonan.pk).revoke(Feature.SMS_50, source="self_hosted")


def test_newcomers_codes_leave_half_to_those_who_are_known(tonan, member, monkeypatch):
    with public():
        Association.objects.filter(pk=tonan.pk).update(households=0)  # 60 codes a month, 30 of them for newcomers
    sent = 0
    with bound(tonan):
        User.objects.filter(pk=member.user_id).update(phone=NUMBER)
        for n in range(40):
            newcomer = Contact.parse(f"080-1234-{n:04d}")
            answer = LoginCode.objects.send(newcomer, asked_from=f"192.0.2.{n}", site_name="桃南会")
            sent += Message.objects.filter(to=newcomer.value).exists()
        known = LoginCode.objects.send(Contact.parse(NUMBER), asked_from="192.0.2.99", site_name="桃南会")
        assert Message.objects.filter(to=NUMBER).exists()
    assert 29 <= sent <= 30
    assert (answer.outcome, answer.only_known) == (known.outcome, known.only_known) == (Outcome.SENT, True)
    assert answer.said(Contact.parse(NUMBER)) == known.said(Contact.parse(NUMBER))


def test_when_no_code_may_go_out_it_is_said_what_to_do_instead(browser, tonan):
    with public():
        SmsUse.objects.create(association=tonan, hour=timezone.now(), kind=Kind.CODE, parts=10_000)
    answer = browser(tonan).post("/sign-in/", {"contact": "090-1234-5678"})
    assert answer.status_code == 422
    assert "メールアドレスで受け取るか、役員に声をかけて" in answer.content.decode()
    api = browser(tonan).post("/api/v1/auth/code/", {"phone": "09012345678"}, content_type="application/json")
    assert (api.status_code, api.json()["outcome"]) == (202, "stopped")


def test_urgent_news_that_stops_is_kept_and_the_home_counts_as_not_reached(tonan, officer, member, client_for):
    allow(tonan, Feature.DELIVERY_LEDGER)
    with bound(tonan):
        User.objects.filter(pk=member.user_id).update(email=None, phone=NUMBER)
        post = Post.write(by=officer, kind="urgent", title="断水のお知らせ")
        news.tell_of(post.pk)
        stopped = Message.objects.get(to=NUMBER)
        assert (stopped.state, stopped.stopped_by, stopped.kind) == ("bounced", "今月の分を使いきりました", "urgent")
        others = Message.objects.filter(channel="mail", subject__contains="断水のお知らせ")
        assert others.exists()
        delivery = Delivery(post)
        assert delivery.stopped_sms == 1
        assert delivery.unknown().filter(pk=member.household_id).exists()
    page = client_for(officer).get(f"/posts/{post.pk}/delivery/").content.decode()
    assert "1人に、ショートメールを送れませんでした" in page
    assert client_for(officer).get(f"/api/v1/posts/{post.pk}/delivery/").json()["stopped_sms"] == 1
    shown = client_for(officer).get("/menu/messages/").content.decode()
    assert "断水のお知らせ" in shown
    assert NUMBER not in shown


def test_sending_again_is_counted_like_sending(tonan):
    with bound(tonan):
        message = queue()
        message.resend(by="運営 1")
        assert message.is_stopped
    allow(tonan)
    with bound(tonan):
        message.resend(by="運営 1")
        assert message.state == "queued"
    assert usage(tonan).news_used == 1


@pytest.mark.parametrize("number", ["+81800123456", "+818001234567", "+81120123456", "+815012345678", "+81756111144"])
def test_a_number_that_is_not_mobile_gets_no_short_message_however_it_came_here(tonan, number):
    allow(tonan)
    with bound(tonan):
        assert queue(to=number).error == Stop.NOT_MOBILE
    assert usage(tonan).yen == 0


def test_officers_see_the_month_on_a_page_and_over_the_api_and_nobody_else_does(
    tonan, officer, member, outsider, client_for
):
    allow(tonan)
    with bound(tonan):
        queue()
        queue("あ" * 71, Kind.NEWS)
    page = client_for(officer).get("/menu/messages/").content.decode()
    assert "36円" in page
    said = client_for(officer).get("/api/v1/messages/usage/").json()
    assert (said["news_allowed"], said["news_left"], said["yen"]) == (50, 47, 36)
    assert said["budget_yen"] == (50 + 60 + tonan.households) * 12
    assert next(line for line in said["lines"] if line["kind"] == "news")["parts"] == 2
    for person in (member, outsider):
        for path in ("/menu/messages/", "/api/v1/messages/usage/"):
            assert client_for(person).get(path).status_code == 404


def test_operations_see_what_an_association_sends(apex, operator, tonan):
    allow(tonan)
    with bound(tonan):
        queue()
    page = apex(operator).get("/operations/associations/tonan/").content.decode()
    assert "今月のショートメール" in page
    assert "12円" in page


def test_above_the_ceiling_known_people_s_codes_and_urgent_news_go_out_and_operations_hear_of_it_once(
    settings, tonan, fujishiro, apex, operator
):
    settings.SMS_PER_HOUR = 3
    allow(tonan)
    allow(fujishiro)
    with bound(fujishiro):
        for _n in range(3):
            assert not queue(kind=Kind.NEWS).is_stopped
    with bound(tonan):
        assert queue(kind=Kind.NEWS).error == Stop.CEILING
        assert queue(kind=Kind.FIRST_CODE).error == Stop.CEILING
        assert not queue(kind=Kind.URGENT).is_stopped
        assert not queue(kind=Kind.CODE).is_stopped
    with public():
        assert CeilingHour.objects.count() == 1
        alarms = Message.objects.filter(to=operator.email, subject__contains="1時間の上限")
        assert alarms.count() == Operator.objects.count() == 1
    assert "1時間の上限に達しました" in apex(operator).get("/operations/").content.decode()
    with public():
        CeilingHour.objects.update(hour=timezone.now() - timedelta(hours=1))
    assert "1時間の上限に達しました" not in apex(operator).get("/operations/").content.decode()


def test_money_has_a_ceiling_too(settings, tonan):
    settings.SMS_YEN_PER_HOUR = 30
    allow(tonan)
    with bound(tonan):
        assert [queue(kind=Kind.NEWS).error for _n in range(3)] == ["", "", Stop.CEILING]


def test_nothing_that_sends_a_short_message_forgets_to_be_counted(tonan):
    """All go through one door; the table has no other."""
    allow(tonan)
    with bound(tonan):
        for kind in Kind:
            queue(kind=kind)
    assert all(line.messages == 1 for line in usage(tonan).lines)


def test_pages_of_two_homes_count_apart(tonan, fujishiro):
    for association in (tonan, fujishiro):
        allow(association)
    with bound(tonan):
        queue()
    assert (usage(tonan).news_left, usage(fujishiro).news_left) == (49, 50)
