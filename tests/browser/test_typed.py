"""What is typed survives in a real browser: a session that ended while somebody wrote, Back and send again."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, PageFor, Stack, enter_code, serious_faults, sign_in
from tests.browser.test_uploads import photo

pytestmark = pytest.mark.slow

KEPT = "書いたものは、とってあります。入りなおすと、つづきから送れます。"


def compose(page: Page, stack: Stack, title: str) -> None:
    page.goto(stack.url("/posts/new/", "tonan"))
    page.get_by_label(re.compile("題名")).fill(title)
    page.get_by_label(re.compile("^本文")).fill("一行め\n\n三行め")


def wide_enough(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_what_was_written_with_a_photo_comes_back_after_the_session_ended(stack: Stack, page_for: PageFor) -> None:
    page, officer = page_for(PHONE), stack.login("officer", "tonan")
    sign_in(stack, page, officer, "tonan")
    compose(page, stack, "川そうじの写真です")
    page.locator("input[name=photos]").set_input_files([photo("a.jpg")])
    page.locator("input[name=kept]").wait_for(state="attached", timeout=60_000)
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="この内容で届ける").click()
    page.wait_for_url(re.compile("/sign-in/"))
    assert page.get_by_text(KEPT).is_visible()
    assert serious_faults(page) == []
    enter_code(stack, page, officer)
    assert page.url == stack.url("/posts/new/", "tonan")
    assert page.get_by_label(re.compile("題名")).input_value() == "川そうじの写真です"
    assert page.get_by_label(re.compile("^本文")).input_value() == "一行め\n\n三行め"
    assert page.locator(".sent-file img").is_visible()
    assert page.get_by_text("まだ送っていません。").is_visible()
    assert page.evaluate("document.activeElement.id") == "came-back"
    for size in (PHONE, DESK):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert wide_enough(page)
        assert serious_faults(page) == []
    page.get_by_role("button", name="この内容で届ける").click()
    page.wait_for_url(re.compile(r"/posts/\d+/$"))
    assert page.locator("article.article img").count() == 1


def test_back_and_send_again_makes_no_second_notice(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login("officer", "tonan"), "tonan")
    compose(page, stack, "もう一度おくる話")
    page.get_by_role("button", name="この内容で届ける").click()
    page.wait_for_url(re.compile(r"/posts/\d+/$"))
    first = page.url
    page.go_back()
    page.get_by_label(re.compile("題名")).fill("もう一度おくる話")
    page.get_by_label(re.compile("^本文")).fill("一行め\n\n三行め")
    page.get_by_role("button", name="この内容で届ける").click()
    page.wait_for_url(re.compile(r"/posts/\d+/$|/posts/new/$"))
    assert page.url == first
    assert page.get_by_text("もう送ってあります。").is_visible()
    page.goto(stack.url("/", "tonan"))
    assert page.get_by_role("heading", name="もう一度おくる話").count() == 1


def test_back_and_another_word_is_asked_about(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login("officer", "tonan"), "tonan")
    compose(page, stack, "はじめの話")
    page.get_by_role("button", name="この内容で届ける").click()
    page.wait_for_url(re.compile(r"/posts/\d+/$"))
    page.go_back()
    page.get_by_label(re.compile("題名")).fill("なおした話")
    page.get_by_label(re.compile("^本文")).fill("べつの本文")
    page.get_by_role("button", name="この内容で届ける").click()
    page.get_by_text("この画面からは、もう送ってあります").wait_for()
    assert page.get_by_label(re.compile("題名")).input_value() == "なおした話"
    assert page.get_by_role("link", name="送ったものを見る・なおす").is_visible()
    assert serious_faults(page) == []
