"""Three languages: what the browser asks for, what a person chose, what their account keeps."""

import pytest
from django.core import mail
from django.utils import translation

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9,ja;q=0.5"}


def text(answer) -> str:
    return answer.content.decode()


def said(answer) -> str:
    """The language a page says it is in."""
    return text(answer).partition('<html lang="')[2].partition('"')[0]


def test_a_page_is_in_the_language_the_browser_asks_for(browser, tonan, apex):
    for client in (browser(tonan), apex()):
        page = client.get("/sign-in/", **ENGLISH)
        assert said(page) == "en"
        assert page["Content-Language"] == "en"
        assert {"Accept-Language", "Cookie"} <= {name.strip() for name in page["Vary"].split(",")}
        assert said(client.get("/sign-in/")) == "ja"
        assert said(client.get("/sign-in/", HTTP_ACCEPT_LANGUAGE="fr")) == "ja"


@pytest.mark.parametrize(("code", "tag", "words"), [("en", "en", "Get a code"), ("ja-easy", "ja", "ばんごう")])
def test_a_stranger_chooses_by_a_button_and_the_browser_keeps_it(browser, tonan, apex, code, tag, words):
    for client in (browser(tonan), apex()):
        assert f'value="{code}"' in text(client.get("/sign-in/"))
        assert client.post("/language/", {"language": code, "next": "/sign-in/"})["Location"] == "/sign-in/"
        page = client.get("/sign-in/", HTTP_ACCEPT_LANGUAGE="ja")
        assert said(page) == tag
        assert words in text(page)
        kept = client.cookies["language"]
        assert (kept["domain"], kept["httponly"], kept["samesite"]) == ("", True, "Lax")
        client.post("/language/", {"language": "ja", "next": "/sign-in/"})
        assert "番号を受け取る" in text(client.get("/sign-in/", **ENGLISH))


@pytest.mark.parametrize("wrong", ["", "xx", "en\r\nSet-Cookie: a=b", "../../etc/passwd", "e" * 10_000])
def test_a_language_there_is_not_changes_nothing(browser, tonan, client_for, member, wrong):
    for client in (browser(tonan), client_for(member)):
        client.post("/language/", {"language": wrong})
        assert "language" not in client.cookies
        assert said(client.get("/menu/text/", HTTP_COOKIE=f"language={wrong[:40]!r}")) == "ja"
    with bound(tonan):
        assert User.objects.get(pk=member.user.pk).language == ""


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "http://fujishiro.kairan.localhost/"])
def test_choosing_leads_to_no_other_host(browser, tonan, apex, away):
    for client in (browser(tonan), apex()):
        assert client.post("/language/", {"language": "en", "next": away})["Location"] == "/"
        assert away not in text(client.get("/language/", HTTP_REFERER=away))


def test_a_member_s_choice_holds_at_every_browser(client_for, member, outsider, tonan):
    client = client_for(member)
    assert 'name="language"' in text(client.get("/menu/"))
    client.post("/language/", {"language": "en", "next": "/menu/"})
    assert said(client_for(member).get("/menu/", HTTP_ACCEPT_LANGUAGE="ja")) == "en"
    assert said(client_for(outsider).get("/menu/")) == "ja"
    assert said(client_for(member).get("/nowhere/")) == "en"


def test_whoever_reads_another_language_while_signing_in_has_chosen_it(browser, tonan, member):
    client = browser(tonan)
    client.post("/language/", {"language": "ja-easy"})
    client.post("/sign-in/", {"contact": member.user.email})
    with bound(tonan):
        code = Message.objects.latest("pk")
        assert "ばんごう" in code.body
        digits = code.subject[:200]
    number = "".join(filter(str.isdigit, digits.replace("6けた", "").replace("6", "6")))[-6:]
    assert client.post("/sign-in/code/", {"code": number})["Location"] == "/"
    with bound(tonan):
        assert User.objects.get(pk=member.user.pk).language == "ja-easy"


def test_a_mail_is_in_the_language_of_whoever_reads_it(client_for, officer, waiting, tonan):
    with bound(tonan):
        waiting.user.speak("en")
        officer.user.speak("ja-easy")
    client_for(officer).post(f"/members/waiting/{waiting.pk}/admit/")
    with bound(tonan):
        letter = Message.objects.get(to=waiting.user.email)
        assert "has been approved" in letter.body
        waiting.refresh_from_db()
        waiting.admitted_at = None
        waiting.ask_for_admission(site_name=tonan.name, url="https://x/")
        assert "とうろく" in Message.objects.filter(to=officer.user.email).latest("pk").body


def test_the_language_of_a_request_ends_with_it(browser, tonan):
    before = translation.get_language()
    browser(tonan).get("/sign-in/", **ENGLISH)
    assert translation.get_language() == before


def test_operators_read_their_desk_in_the_language_of_their_account(apex, operator):
    desk = apex(operator)
    desk.post("/language/", {"language": "en"})
    assert said(apex(operator).get("/operations/")) == "en"
    with public():
        assert User.objects.get(pk=operator.pk).language == "en"
    assert mail.outbox == []


def test_an_unknown_host_and_the_api_answer_in_the_language_asked_for(client, browser, tonan):
    assert said(client.get("/", HTTP_HOST="nobody.kairan.localhost", **ENGLISH)) == "en"
    problem = browser(tonan).get("/api/v1/me/", **ENGLISH)
    assert problem["Content-Language"] == "en"
    assert problem.json()["title"] == "Sign-in needed"


def test_paper_is_in_japanese_whoever_prints_it(client_for, officer, monkeypatch):
    given = {}
    monkeypatch.setattr("web.tenant.feed.views.paper.post_pdf", lambda **words: given.update(words) or b"%PDF-")
    client_for(officer).get("/posts/1/paper.pdf", **ENGLISH)
    assert given["kind"] == "お知らせ"
    assert all(home.endswith("さんのお宅") for home in given["homes"])
    assert "月" in given["published"]
