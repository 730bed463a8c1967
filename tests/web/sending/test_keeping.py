"""What is typed survives the end of a session, an old page and a second account, and is sent by a press alone."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.sending.models import Kept, prune
from controlplane.sending.models.kept import MOST_PER_ACCOUNT, MOST_PER_ADDRESS
from controlplane.tenancy import bound, public
from tenants.feed.models import Comment, Post
from tests.conftest import browser_at
from tests.pressing import Form, form_on, forms_of
from tests.tenants.feed.hostile.pictures import drawn

TITLE = "夏まつりの、お手伝いの<募集>"
KEPT = "書いたものは、とってあります。入りなおすと、つづきから送れます。"


@pytest.fixture
def browser(tonan: Association) -> Client:
    """One that is asked for its CSRF token, as real ones are."""
    return Client(HTTP_HOST=f"tonan.{settings.APEX_HOST}", enforce_csrf_checks=True)


def enter(client: Client, person: Any) -> None:
    with bound(person.association):
        client.force_login(person.user)


def end_sessions(association: Association) -> None:
    with bound(association):
        Session.objects.all().delete()


def titles(association: Association, title: str = TITLE) -> int:
    with bound(association):
        return Post.objects.filter(title=title).count()


def composed(browser: Client) -> Form:
    form = form_on(browser, "/posts/new/")
    return form.type(title=TITLE, body="一行め\n\n「三行め」 & <b>", kind="report", audience="everyone", when="later")


def test_what_was_written_comes_back_after_signing_in(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser)
    form.fields.pop("comments_open")
    end_sessions(tonan)
    answer = form.press()
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/posts/new/")
    assert KEPT in browser.get(answer["Location"]).content.decode()
    enter(browser, officer)
    assert titles(tonan) == 0
    page = browser.get("/posts/new/").content.decode()
    assert "まだ送っていません。" in page
    again = form_on(browser, "/posts/new/")
    own = ("csrfmiddlewaretoken", "form_key")
    assert {n: v for n, v in again.fields.items() if n not in own} == {
        n: v for n, v in form.fields.items() if n not in own
    }
    assert again["form_key"] != form["form_key"]
    assert titles(tonan) == 0
    assert again.type(when="now").press().status_code == 302
    assert titles(tonan) == 1
    assert "まだ送っていません。" not in browser.get("/posts/new/").content.decode()


def test_the_whole_way_in_by_a_code_leads_back_to_the_form(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser)
    end_sessions(tonan)
    onward = form.press()["Location"]
    page = form_on(browser, onward, "/sign-in/").type(contact=officer.user.email).press()["Location"]
    with bound(tonan):
        digits = re.search(r"\d{6}", Message.objects.filter(to=officer.user.email).latest("pk").subject)
    arrived = form_on(browser, page).type(code=digits[0]).press()
    assert arrived["Location"] == "/posts/new/"
    assert form_on(browser, "/posts/new/")["title"] == TITLE


def test_a_comment_comes_back_on_the_page_of_its_post(browser, member, tonan):
    with bound(tonan):
        post = Post.objects.get(title="清掃のお知らせ")
    enter(browser, member)
    form = form_on(browser, f"/posts/{post.pk}/", f"/posts/{post.pk}/comment/").type(body="わたしも出ます。")
    end_sessions(tonan)
    answer = form.press(headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/sign-in/?next=/posts/{post.pk}/"
    enter(browser, member)
    again = form_on(browser, f"/posts/{post.pk}/", f"/posts/{post.pk}/comment/")
    assert again["body"] == "わたしも出ます。"
    again.press()
    with bound(tonan):
        assert Comment.objects.filter(body="わたしも出ます。").count() == 1


def test_nobody_else_at_the_same_browser_is_shown_it(browser, officer, member, outsider, tonan, fujishiro):
    enter(browser, officer)
    form = composed(browser)
    end_sessions(tonan)
    form.press()
    for other in (member,):
        enter(browser, other)
        for path in ("/posts/new/", "/", "/kept/"):
            assert "お手伝い" not in browser.get(path).content.decode()
            assert "とってあります" not in browser.get(path).content.decode()
    elsewhere = browser_at(fujishiro)
    elsewhere.cookies = browser.cookies
    enter(elsewhere, outsider)
    assert "お手伝い" not in elsewhere.get("/kept/").content.decode()
    end_sessions(tonan)
    enter(browser, officer)
    assert form_on(browser, "/posts/new/")["title"] == TITLE


def test_another_account_s_form_is_not_sent_under_mine(browser, officer, member, tonan):
    """A family's tablet: the mother's page is still open while the son has signed in."""
    enter(browser, officer)
    form = composed(browser)
    enter(browser, member)
    assert form.press().status_code == 403
    form.fields.pop("csrfmiddlewaretoken")
    assert form.press().status_code == 403
    assert titles(tonan) == 0
    assert "お手伝い" not in browser.get("/kept/").content.decode()
    enter(browser, officer)
    assert form_on(browser, "/posts/new/")["title"] == TITLE


def test_an_old_page_comes_back_with_a_new_token(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser)
    del browser.cookies["csrf"]
    answer = form.press()
    assert (answer.status_code, answer["Location"]) == (302, "/posts/new/")
    page = browser.get("/posts/new/").content.decode()
    assert "画面を開いてから時間がたったため、まだ送れていません。" in page
    assert form_on(browser, "/posts/new/").type(when="now").press().status_code == 302
    assert titles(tonan) == 1


def test_a_foreign_page_cannot_put_words_into_a_form(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser)
    form.fields.pop("csrfmiddlewaretoken")
    assert form.press(headers={"Origin": "https://evil.example"}).status_code == 403
    assert form.press(headers={"Origin": "", "Referer": "https://evil.example/"}).status_code == 403
    with bound(tonan):
        assert not Kept.objects.exists()


def test_what_was_kept_can_be_read_and_thrown_away(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser)
    end_sessions(tonan)
    form.press()
    enter(browser, officer)
    assert "つづきから送る" in browser.get("/").content.decode()
    page = browser.get("/kept/").content.decode()
    assert "お手伝い" in page
    assert "三行め" in page
    form_on(browser, "/kept/").press()
    assert form_on(browser, "/posts/new/")["title"] == ""


def test_it_is_sealed_and_gone_after_a_day(browser, officer, tonan, clock):
    enter(browser, officer)
    form = composed(browser)
    end_sessions(tonan)
    form.press()
    with bound(tonan):
        row = Kept.objects.get()
        assert "お手伝い" not in repr(vars(row))
    clock.go_on(hours=25)
    enter(browser, officer)
    assert form_on(browser, "/posts/new/")["title"] == ""
    with bound(tonan):
        prune()
        assert not Kept.objects.exists()


def test_erasing_a_person_takes_it_away(browser, member, tonan):
    enter(browser, member)
    form = form_on(browser, "/menu/profile/")
    end_sessions(tonan)
    form.press()
    with bound(tonan):
        assert Kept.objects.count() == 1
        member.erase(by=member)
        assert not Kept.objects.exists()


def test_strangers_cannot_fill_the_house(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser)
    end_sessions(tonan)
    for _n in range(MOST_PER_ADDRESS + 3):
        browser.cookies.pop("kept", None)
        form.press()
    with bound(tonan):
        assert Kept.objects.count() == MOST_PER_ADDRESS
    form.type(body="あ" * 100_000)
    assert form.press()["Location"] == "/sign-in/?next=/posts/new/"
    assert KEPT not in browser.get("/sign-in/").content.decode()


def test_nobody_keeps_without_end_by_throwing_the_cookie_away(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser).type(csrfmiddlewaretoken="old")
    for _n in range(MOST_PER_ACCOUNT + 3):
        browser.cookies.pop("kept", None)
        form.press()
    with bound(tonan):
        assert Kept.objects.count() == MOST_PER_ACCOUNT


def test_photos_that_had_come_in_come_back_with_their_words(browser, officer, tonan):
    enter(browser, officer)
    photo = SimpleUploadedFile("a.jpg", drawn("JPEG"), "image/jpeg")
    stayed = composed(browser).type(photos=photo).press("stay")
    form = max(forms_of(browser, stayed, "/posts/new/"), key=lambda each: len(each.fields))
    (pk,) = form.fields["kept"]
    form.type(**{f"caption-{pk}": "川のそうじ"})
    end_sessions(tonan)
    form.press()
    enter(browser, officer)
    page = browser.get("/posts/new/").content.decode()
    assert f'src="/attachments/{pk}/?preview=1"' in page
    assert "もう一度えらんでください" not in page
    again = form_on(browser, "/posts/new/")
    assert again[f"caption-{pk}"] == "川のそうじ"
    assert again.type(when="now").press().status_code == 302
    with bound(tonan):
        assert [each.caption for each in Post.objects.get(title=TITLE).attachments.all()] == ["川のそうじ"]


def test_files_in_the_form_itself_are_asked_for_again(browser, officer, tonan):
    enter(browser, officer)
    form = composed(browser).type(photos=SimpleUploadedFile("a.jpg", b"x", "image/jpeg"))
    end_sessions(tonan)
    form.press()
    enter(browser, officer)
    assert "写真や書類のファイルは、もう一度えらんでください。" in browser.get("/posts/new/").content.decode()


def test_the_entry_form_comes_back_with_all_its_steps(kyoto):
    browser = Client(HTTP_HOST=settings.APEX_HOST, enforce_csrf_checks=True)
    first = form_on(browser, "/apply/")
    place = {"postal_code": "612-8001", "address": "京都市伏見区桃山町1", "households": "180"}
    first.type(name="桃山南第2町内会", kind="association", **place)
    second = first.press("act", "next")
    assert second.status_code == 200
    (step,) = [form for form in forms_of(browser, second, "/apply/") if form.action == "/apply/"]
    step.type(representative_name="代表 1")
    del browser.cookies["csrf"]
    assert step.press("act", "send")["Location"] == "/apply/"
    again = form_on(browser, "/apply/")
    assert again["name"] == "桃山南第2町内会"
    assert again["representative_name"] == "代表 1"
    assert again["key"] == step["key"]


def test_staff_whose_hours_are_over_find_their_form_again(apex, city_official, clock):
    browser = apex(city_official)
    form = form_on(browser, "/city/bulletins/").type(title=TITLE)
    clock.go_on(hours=13)
    assert form.press()["Location"].startswith("/sign-in/?next=/city/bulletins/")
    assert KEPT in browser.get("/sign-in/").content.decode()
    with public():
        browser.force_login(city_official)
    assert form_on(browser, "/city/bulletins/")["title"] == TITLE


def test_a_form_that_is_gone_leaves_the_words(browser, member, officer, tonan):
    with bound(tonan):
        post = Post.objects.get(title="清掃のお知らせ")
    enter(browser, member)
    form = form_on(browser, f"/posts/{post.pk}/", f"/posts/{post.pk}/comment/").type(body="わたしも出ます。")
    end_sessions(tonan)
    form.press()
    with bound(tonan):
        Post.objects.filter(pk=post.pk).update(comments_open=False)
    enter(browser, member)
    assert "この画面からは、いまは送れません。" in browser.get(f"/posts/{post.pk}/").content.decode()
    assert "わたしも出ます。" in browser.get("/kept/").content.decode()
