"""Support access: asked for, granted by the representative, read only, written down, over at once."""

import re
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from controlplane.associations.models import Operator, SupportAccess
from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.staff.models import SecondFactor
from controlplane.tenancy import Purpose, bound, public, sign
from controlplane.tenancy.read_only import read_only
from tenants.communities.models import Community
from tenants.feed.models import Post, ReadReceipt
from tenants.members.models import Household, Member, Seat
from tests.architecture.test_crawl import SITE_URLS

ASK = "/operations/associations/tonan/support/"


def text(answer) -> str:
    return answer.content.decode(errors="replace")


def log(association) -> list[str]:
    with bound(association):
        return list(Entry.objects.filter(verb__startswith="support.").order_by("pk").values_list("verb", flat=True))


# --- asking and granting ---


def test_operations_ask_and_the_representative_hears_of_it(desk, client_for, officer, leader, tonan):
    assert desk.post(ASK, {"why": "お知らせが届かないとのご相談"}).status_code == 302
    with public():
        letter = Message.objects.get(to=officer.user.email)
    assert "お知らせが届かないとのご相談" in letter.body
    assert "/support/" in letter.body
    assert "見せてほしいと頼まれています" in text(client_for(officer).get("/menu/"))
    assert "見せてほしいと頼まれています" not in text(client_for(leader).get("/menu/"))
    assert "お知らせが届かないとのご相談" in text(client_for(officer).get("/support/"))
    assert log(tonan) == ["support.ask"]


def test_asking_opens_nothing(desk, tonan):
    desk.post(ASK, {"why": "ようすを見たい"})
    assert desk.post(f"{ASK}visit/").status_code == 404


def test_asking_wants_a_reason_and_one_question_is_enough(desk):
    assert desk.post(ASK, {"why": "  "}).status_code == 422
    assert desk.post(ASK, {"why": "ようすを見たい"}).status_code == 302
    assert desk.post(ASK, {"why": "もう一度"}).status_code == 422


def test_the_representative_may_say_no(desk, client_for, officer, tonan, latest):
    desk.post(ASK, {"why": "ようすを見たい"})
    client_for(officer).post("/support/revocation/")
    assert latest().granted_at is None
    assert latest().revoked_by == "会長"
    assert log(tonan) == ["support.ask", "support.decline"]
    assert "断られた" in text(desk.get(ASK))
    assert desk.post(f"{ASK}visit/").status_code == 404


@pytest.mark.parametrize("hours", [1, 24, 168])
def test_the_representative_chooses_how_long(grant, latest, hours):
    before = timezone.now()
    assert grant(hours, what_for="3組に届かない").url == "/support/"
    row = latest()
    assert row.granted_by == "会長"
    assert row.what_for == "3組に届かない"
    assert timedelta() <= row.until - before - timedelta(hours=hours) < timedelta(minutes=1)


@pytest.mark.parametrize("hours", ["", "0", "2", "9999", "x"])
def test_no_other_length_is_taken(grant, latest, hours):
    assert grant(hours).status_code == 422
    assert latest() is None


def test_granting_answers_the_question_that_waits(desk, grant, latest):
    desk.post(ASK, {"why": "ようすを見たい"})
    grant()
    assert (latest().asked_by, latest().granted_by) == ("運営 1", "会長")
    with public():
        assert SupportAccess.objects.count() == 1


def test_granting_again_takes_the_place_of_the_first(grant, latest, tonan):
    grant(168)
    first = latest()
    grant(1)
    with public():
        assert list(SupportAccess.objects.open()) == [latest()]
        assert SupportAccess.objects.get(pk=first.pk).revoked_at


def test_only_the_representative_grants_and_only_officers_know(client_for, leader, member, waiting, outsider, latest):
    for person in (leader, member, outsider):
        client = client_for(person)
        assert client.get("/support/").status_code == (404)
        assert client.post("/support/revocation/").status_code == 404
        if person is not outsider:
            assert client.post("/support/grant/", {"hours": 24}).status_code == 404
    assert client_for(waiting).post("/support/grant/", {"hours": 24}).status_code == 302
    assert latest() is None


def test_another_officer_ends_it_but_does_not_grant(grant, client_for, tonan, member, latest):
    with bound(tonan):
        Seat.objects.create(title="会計", kind=Seat.Kind.OFFICER).hand_over(member, by="tests")
    client = client_for(member)
    assert client.post("/support/grant/", {"hours": 24}).status_code == 404
    assert "決めるのは、代表者です" in text(client.get("/support/"))
    grant()
    assert client.post("/support/revocation/").url == "/support/"
    assert latest().revoked_by == "会計"


def test_no_resident_is_named_outside_their_own_association(grant, officer, latest):
    grant()
    with public():
        entries = [str(entry.__dict__) for entry in Entry.objects.filter(verb__startswith="support.")]
    assert entries
    assert not any(officer.name.split()[0] + " 桃南" in entry for entry in entries)
    assert officer.name not in latest().granted_by


# --- the door ---


def test_an_operator_reads_what_an_officer_reads(visitor, tonan):
    home = text(visitor.get("/"))
    assert "運営事務局が見ています（読むだけ）" in home
    assert "あと60分" in home
    assert "清掃のお知らせ" in home
    assert "役員だけ" in home
    for url in ("/posts/1/", "/calendar/", "/members/", "/members/1/", "/members/households/1/", "/menu/", "/plan/"):
        assert visitor.get(url).status_code == 200, url


def test_communities_talk_stays_closed(visitor, tonan):
    with bound(tonan):
        room = Community.objects.get(name="役員のへや").pk
        club = Community.objects.get(name="防災の会").pk
        talk = Post.objects.get(title="へやの話").pk
    assert "役員のへや" not in text(visitor.get("/communities/"))
    assert visitor.get(f"/communities/{room}/").status_code == 404
    assert visitor.get(f"/communities/{club}/").status_code == 200
    for url in (f"/posts/{talk}/", f"/posts/{talk}/edit/", f"/posts/{talk}/paper/", f"/posts/{talk}/remove/"):
        assert visitor.get(url).status_code == 404, url
    assert "見つかりませんでした" in text(visitor.get("/search/", {"q": "へやの話"}))


def test_contacts_and_addresses_stay_closed(visitor, tonan, member, waiting):
    with bound(tonan):
        secrets = ["京都市伏見区桃山町9", member.user.email, waiting.user.email]
        Household.objects.update(address=secrets[0], postal_code="612-0009")
    for url in SITE_URLS:
        page = text(visitor.get(url))
        assert not [secret for secret in secrets if secret in page], url
    assert "会員1" not in text(visitor.get("/members/", {"q": "桃山町9"}))


@pytest.mark.parametrize("url", ["/menu/profile/", "/menu/contact/", "/menu/contact/code/", "/calendar/share/"])
def test_what_is_somebody_s_own_is_not_there(visitor, url):
    assert visitor.get(url).status_code == 404


def test_reading_leaves_no_trace_among_the_neighbours(visitor, tonan, fingerprint):
    before = fingerprint()
    for url in SITE_URLS:
        assert visitor.get(url).status_code < 500, url
    assert fingerprint() == before
    with bound(tonan):
        assert not ReadReceipt.objects.exists()


def test_nothing_is_written_at_any_address_by_any_method(visitor, fingerprint):
    before = fingerprint()
    wrong = []
    for url in SITE_URLS:
        if url == "/support/end/":
            continue
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(visitor, method)(
                url, {"title": "x", "body": "x", "answer": "yes"}, content_type="application/json"
            )
            if answer.status_code not in {403, 404, 405}:
                wrong.append(f"{method} {url}: {answer.status_code}")
        visitor.post(url, {"title": "x", "body": "x", "hours": "24", "member": "1", "household": "1"})
    assert wrong == []
    assert fingerprint() == before
    assert visitor.get("/").status_code == 200


def test_postgresql_itself_refuses_a_page_that_writes(visitor, tonan, fingerprint, monkeypatch):
    """Whatever a page forgets: here, reading a post changes every post."""
    monkeypatch.setattr(Post, "read_by", lambda self, member: Post.objects.update(title="x"))
    before, read = fingerprint(), log(tonan).count("support.read")
    answer = visitor.get("/posts/1/")
    assert answer.status_code == 403
    assert "読むだけ" in text(answer)
    assert fingerprint() == before
    assert log(tonan).count("support.read") == read + 1
    assert visitor.get("/").status_code == 200


def test_reading_only_holds_inside_bindings_and_savepoints_and_ends_with_its_block(tonan):
    with bound(tonan):
        with pytest.raises(DatabaseError), read_only(), bound(tonan):
            Post.objects.update(title="x")
        with pytest.raises(DatabaseError), read_only(), public():
            SupportAccess.objects.update(why="x")
        with pytest.raises(DatabaseError), read_only():
            lift()
        assert Post.objects.update(pinned=False) > 0


def lift():
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ WRITE")


def test_the_api_knows_no_visitors(visitor):
    for url in [url for url in SITE_URLS if url.startswith("/api/")]:
        assert visitor.get(url).status_code in {401, 403, 404}, url


# --- the log ---


def test_every_page_is_in_the_association_s_own_log_and_the_officers_see_it(visitor, client_for, officer, tonan):
    visitor.get("/members/", {"q": "紙"})
    visitor.get("/posts/999/")
    page = text(client_for(officer).get("/support/"))
    assert "運営事務局 運営 1" in page
    assert "世帯と会員" in page
    assert 'href="/members/?q=%E7%B4%99"' in page
    assert page.index("/posts/999/") < page.index("/members/?q=")  # newest first
    assert "support.come_in" in log(tonan)


def test_no_person_of_the_association_is_impersonated(visitor, tonan, officer):
    visitor.get("/")
    with bound(tonan):
        actors = set(Entry.objects.filter(verb="support.read").values_list("actor", flat=True))
        assert actors == {"運営事務局 運営 1"}
        assert not Member.objects.exclude(pk=officer.pk).filter(user__last_seen_on__isnull=False).exists()


def test_members_see_nothing_of_it(visitor, client_for, member):
    page = text(client_for(member).get("/menu/"))
    assert "サポート" not in page
    assert "運営事務局が見ています" not in text(client_for(member).get("/"))


def test_members_pay_no_query_for_it(client_for, member, django_assert_max_num_queries, tonan):
    client = client_for(member)
    client.get("/")
    with django_assert_max_num_queries(40) as asked:
        client.get("/")
    assert not [query for query in asked if "associations_supportaccess" in query["sql"]]


# --- keys ---


def test_a_key_opens_once(desk, grant, key, browser, tonan):
    grant()
    door = key(desk)
    assert browser(tonan).get(door).url == "/"
    assert browser(tonan).get(door).status_code == 404


def test_looking_at_a_key_s_head_does_not_use_it(desk, grant, key, browser, tonan):
    grant()
    door = key(desk)
    assert browser(tonan).head(door).status_code == 404
    assert browser(tonan).get(door).url == "/"


def test_a_key_is_good_for_a_minute(desk, grant, key, browser, tonan, monkeypatch):
    grant()
    door, now = key(desk), time.time
    monkeypatch.setattr("time.time", lambda: now() + 62)
    assert browser(tonan).get(door).status_code == 404


def test_a_newer_key_ends_the_older(desk, grant, key, browser, tonan):
    grant()
    first, second = key(desk), key(desk)
    assert browser(tonan).get(first).status_code == 404
    assert browser(tonan).get(second).url == "/"


def test_a_key_opens_no_other_association(desk, grant, key, browser, fujishiro, client_for):
    grant()
    assert browser(fujishiro).get(key(desk)).status_code == 404
    assert desk.post("/operations/associations/fujishiro/support/visit/").status_code == 404


def test_a_key_signed_elsewhere_for_this_leave_opens_nothing(desk, grant, key, browser, tonan, fujishiro, latest):
    grant()
    key(desk)
    for place in (bound(fujishiro), public()):
        with place:
            forged = sign(Purpose.SUPPORT, [latest().pk, 1, latest().key])
        assert browser(tonan).get(f"/support/{forged}/").status_code == 404
    with bound(tonan):
        for value in ([latest().pk, 1, ""], [latest().pk, 1, "x"], "x", [1], None, [latest().pk, 99999, latest().key]):
            assert browser(tonan).get(f"/support/{sign(Purpose.SUPPORT, value)}/").status_code == 404


def test_a_key_is_worth_nothing_once_the_leave_is_taken_back(desk, grant, key, browser, client_for, officer, tonan):
    grant()
    door = key(desk)
    client_for(officer).post("/support/revocation/")
    assert browser(tonan).get(door).status_code == 404


def test_city_staff_get_no_key(apex, city_official, grant):
    grant()
    assert apex(city_official).post(f"{ASK}visit/").status_code == 404
    assert apex(city_official).get(ASK).status_code == 404
    assert apex().post(f"{ASK}visit/").status_code == 302


def test_without_the_second_factor_there_is_no_key(required, apex, operator, grant):
    grant()
    assert apex(operator).post(f"{ASK}visit/").url.startswith("/sign-in/")


def test_coming_in_ends_whoever_was_signed_in_in_that_browser(desk, grant, key, client_for, member):
    grant()
    client = client_for(member)
    client.get(key(desk))
    assert "運営事務局が見ています" in text(client.get("/"))
    client.post("/support/end/")
    assert client.get("/").status_code == 302


# --- the end ---


def over(visitor) -> bool:
    answer = visitor.get("/")
    return answer.status_code in {302, 403, 503} and "清掃のお知らせ" not in text(answer)


def test_it_ends_at_once_when_it_is_taken_back(visitor, client_for, officer):
    assert not over(visitor)
    client_for(officer).post("/support/revocation/")
    assert over(visitor)
    assert visitor.get("/").status_code == 302  # the session is gone, not only refused


def test_it_ends_with_its_time(desk, grant, key, browser, tonan, clock):
    grant(1)
    client = browser(tonan)
    client.get(key(desk))
    clock.go_on(minutes=59)
    assert not over(client)
    clock.go_on(minutes=2)
    assert over(client)
    assert desk.post(f"{ASK}visit/").status_code in {302, 404}


def test_a_visit_lasts_an_hour_even_of_a_long_leave(visitor, clock):
    clock.go_on(minutes=61)
    assert over(visitor)


def test_it_ends_with_a_suspension_and_does_not_come_back(
    visitor, tonan, operator, desk, django_capture_on_commit_callbacks
):
    with public(), django_capture_on_commit_callbacks(execute=True):
        tonan.suspend(by="運営 1", reason="ためし")
    assert visitor.get("/").status_code == 503
    with public(), django_capture_on_commit_callbacks(execute=True):
        tonan.resume(by="運営 1")
    assert over(visitor)
    assert desk.post(f"{ASK}visit/").status_code == 404


@pytest.mark.parametrize("end", ["fired", "inactive", "signed out everywhere", "reset"])
def test_it_ends_with_the_operator_s_own_way_in(visitor, operator, second_operator, end):
    with public():
        if end == "fired":
            Operator.objects.filter(user=operator).delete()
        elif end == "inactive":
            type(operator).objects.filter(pk=operator.pk).update(is_active=False)
        elif end == "reset":
            SecondFactor.objects.of(operator).reset(by=second_operator.operator)
        else:
            SecondFactor.objects.of(operator).sign_out_everywhere()
    assert over(visitor)


def test_the_session_is_worth_nothing_on_another_site(visitor, fujishiro):
    elsewhere = Client(HTTP_HOST=f"fujishiro.{settings.APEX_HOST}")
    elsewhere.cookies = visitor.cookies
    assert elsewhere.get("/").status_code == 302
    apex = Client(HTTP_HOST=settings.APEX_HOST)
    apex.cookies = visitor.cookies
    assert apex.get("/operations/").status_code == 302


def test_leaving_ends_it_and_is_written_down(visitor, tonan):
    answer = visitor.post("/support/end/")
    assert "見るのを終わりました" in text(answer)
    assert re.search(r'href="http://kairan\.localhost[^"]*/operations/associations/tonan/"', text(answer))
    assert over(visitor)
    assert log(tonan)[-1] == "support.leave"


def test_there_is_no_leaving_for_who_is_not_visiting(client_for, member, browser, tonan):
    assert client_for(member).post("/support/end/").status_code == 404
    assert browser(tonan).post("/support/end/").status_code == 404
    assert client_for(member).get("/support/end/").status_code == 405
