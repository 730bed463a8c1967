"""Back and send again does not make a second; neither do two at once. What is changed in between is asked about."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from controlplane.accounts.models import Device, User
from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.cities.models import CityDate
from controlplane.dispatch.models import Wakeup
from controlplane.sending.models import Taken, prune
from controlplane.tenancy import Purpose, bound, public, sign
from provisioning.models import Application
from tenants.calendar.models import Event
from tenants.feed.models import Attachment, Comment, Post, Upload
from tenants.members.models import Invitation
from tenants.search.models import Kind, remove
from tests.conftest import browser_at
from tests.pressing import Form, form_on

TITLE = "夏まつりの、お手伝いの募集"
_canvas = io.BytesIO()
Image.new("RGB", (32, 32), "green").save(_canvas, "PNG")
PNG = _canvas.getvalue()
ENTRY = {
    "name": "桃山南第2町内会",
    "kind": "association",
    "postal_code": "612-8001",
    "address": "京都市伏見区桃山町1",
    "households": "180",
    "representative_name": "代表 1",
    "representative_phone": "075-611-1144",
    "representative_email": "daihyo@example.jp",
    "key": "0d1f6d4e-9f4f-4f0e-8a55-2f1f8a1f6a11",
}


@pytest.fixture
def browser(client_for, officer) -> Client:
    return client_for(officer)


def count(association: Association, **what: Any) -> int:
    with bound(association):
        return Post.objects.filter(**what).count()


def test_a_notice_sent_twice_is_one_notice(browser, tonan):
    form = form_on(browser, "/posts/new/").type(title=TITLE, audience="everyone")
    first, second = form.press(), form.press()
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert "もう送ってあります。" in browser.get(second["Location"]).content.decode()
    assert count(tonan, title=TITLE) == 1


def test_a_notice_changed_after_back_is_asked_about_and_can_be_sent_as_well(browser, tonan):
    form = form_on(browser, "/posts/new/").type(title=TITLE, audience="everyone")
    first = form.press()
    back = form.type(title="秋まつりの話").press()
    assert back["Location"] == "/posts/new/"
    page = browser.get("/posts/new/").content.decode()
    assert "この画面からは、もう送ってあります" in page
    assert f'<a href="{first["Location"]}">' in page
    assert count(tonan, title="秋まつりの話") == 0
    again = form_on(browser, "/posts/new/")
    assert again["title"] == "秋まつりの話"
    assert again.press().status_code == 302
    assert (count(tonan, title=TITLE), count(tonan, title="秋まつりの話")) == (1, 1)


def test_a_form_that_came_back_with_a_mistake_can_be_sent_again(browser, tonan):
    form = form_on(browser, "/posts/new/").type(title="", audience="everyone")
    assert form.press().status_code == 422
    assert form.press().status_code == 422
    assert form.type(title=TITLE).press().status_code == 302
    assert count(tonan, title=TITLE) == 1


def test_a_comment_sent_twice_by_htmx_is_one_comment(browser, tonan):
    with bound(tonan):
        post = Post.objects.get(title="清掃のお知らせ")
    form = form_on(browser, f"/posts/{post.pk}/", f"/posts/{post.pk}/comment/").type(body="わたしも出ます。")
    htmx = {"headers": {"HX-Request": "true"}}
    first, second = form.press(**htmx), form.press(**htmx)
    assert "わたしも出ます。" in first.content.decode()
    assert second["HX-Refresh"] == "true"
    with bound(tonan):
        assert Comment.objects.filter(body="わたしも出ます。").count() == 1


def test_an_invitation_is_shown_once_more_and_not_made_once_more(browser, tonan):
    form = form_on(browser, "/members/invitations/")
    first, second = form.press(), form.press()
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    with bound(tonan):
        assert Invitation.objects.count() == 1
        code = first.context["code"]
        assert all(code not in taken.sealed for taken in Taken.objects.all())


def test_the_same_words_minutes_later_are_asked_about(browser, tonan):
    """Back may fetch the page anew, with a new key, while the browser puts back what was typed."""
    for status in ("/posts/", "/posts/new/", "/posts/"):
        form = form_on(browser, "/posts/new/").type(title=TITLE, audience="everyone")
        assert form.press()["Location"].startswith(status)
    assert count(tonan, title=TITLE) == 2


def test_the_same_words_later_on_are_new_words(browser, tonan, clock):
    for _n in range(2):
        form_on(browser, "/posts/new/").type(title=TITLE, audience="everyone").press()
        clock.go_on(minutes=11)
    assert count(tonan, title=TITLE) == 2


def test_what_only_sets_something_is_set_each_time(browser, tonan):
    """An old page says yes after another said no: yes it is."""
    with bound(tonan):
        event = Event.objects.get(title="公園の清掃")
    page = f"/calendar/{event.pk}/"
    first = form_on(browser, page, f"{page}rsvp/")
    first.press("answer", "yes")
    form_on(browser, page, f"{page}rsvp/").press("answer", "no")
    first.press("answer", "yes")
    with bound(tonan):
        assert event.rsvps.get().answer == "yes"


def test_a_key_of_another_account_or_association_is_no_key(browser, client_for, member, outsider):
    key = form_on(browser, "/posts/new/")["form_key"]
    for person in (member, outsider):
        theirs = client_for(person)
        form = form_on(theirs, "/menu/profile/").type(name="べつの名前", form_key=key)
        assert form.press().status_code == 403
        with bound(person.association):
            person.refresh_from_db(fields=["name"])
            assert person.name != "べつの名前"


def test_after_a_day_nothing_of_it_is_left(browser, tonan, clock):
    form_on(browser, "/posts/new/").type(title=TITLE, audience="everyone").press()
    clock.go_on(hours=25)
    with bound(tonan):
        assert Taken.objects.exists()
        prune()
        assert not Taken.objects.exists()


def test_erasing_a_person_takes_their_marks_along(client_for, member, tonan):
    form_on(client_for(member), "/menu/profile/").type(name="新しい名前").press()
    with bound(tonan):
        assert Taken.objects.exists()
        member.erase(by=member)
        assert not Taken.objects.exists()


def test_an_application_handed_in_again_after_back_is_the_first_one(apex, kyoto):
    """Nobody is signed in there: the entry form has a key of its own, through all its steps."""
    with public():
        proof = sign(Purpose.CONTACT, "daihyo@example.jp")
    browser, typed = apex(), {**ENTRY, "proof": proof, "act": "submit"}
    first, second = browser.post("/apply/", typed), browser.post("/apply/", {**typed, "households": "200"})
    assert first.status_code == 302
    assert second["Location"] == first["Location"]
    assert "このお申し込みは、もう受け取っています。" in browser.get(second["Location"]).content.decode()
    with public():
        assert [a.households for a in Application.objects.filter(name=ENTRY["name"])] == [180]


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Association]:
    """Real commits, as threads need them; what they wrote is taken away again."""
    with django_db_blocker.unblock():
        with public():
            tonan, began = Association.objects.get(slug="tonan"), timezone.now()
        yield tonan
        with bound(tonan):
            Attachment.objects.filter(created_at__gt=began).forget()
            for post in Post.objects.filter(title=TITLE):
                remove(Kind.POST, post.pk)
                post.delete()
            for model in (Upload, Device):
                model.objects.all().delete()
            Entry.objects.filter(at__gt=began).delete()
            Taken.objects.all().delete()
            Session.objects.all().delete()
        with public():
            Wakeup.objects.filter(purpose="uploads").delete()
        connection.close()


@pytest.mark.parametrize("photos", [0, 1], ids=["words", "with a photo, handed over between two transactions"])
def test_presses_at_once_are_one(committed, photos):
    browser = browser_at(committed)
    with bound(committed):
        browser.force_login(User.objects.get(email="officer@tonan.example.jp"))
    form = form_on(browser, "/posts/new/").type(title=TITLE, audience="everyone")
    times = 3 if photos else 10
    start = Barrier(times)

    def press(_n: int) -> Any:
        start.wait()
        try:
            picture = {"photos": [SimpleUploadedFile("p.png", PNG, "image/png")]} if photos else {}
            return Form(browser_like(browser), form.page, form.action, form.fields | picture, form.button).press()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        answers = list(pool.map(press, range(times)))
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1
    assert count(committed, title=TITLE) == 1


def browser_like(browser: Client) -> Client:
    """The same browser, in another thread's hands."""
    other = Client(**browser.defaults)
    other.cookies = browser.cookies
    return other


def test_a_city_s_date_sent_twice_is_one(apex, city_official):
    browser = apex(city_official)
    form = form_on(browser, "/city/dates/").type(title="防災の日", starts_on=f"{timezone.localdate():%Y-%m-%d}")
    first, second = form.press(), form.press()
    assert first.status_code == 302, first.content.decode()
    assert second["Location"] == first["Location"]
    with public():
        assert CityDate.objects.filter(title="防災の日").count() == 1
