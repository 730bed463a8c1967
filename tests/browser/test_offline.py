"""Without a line: what was read is read again, an answer waits and is sent, and who leaves leaves nothing behind."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageFor, Stack, sign_in, until

pytestmark = pytest.mark.slow


@pytest.fixture
def member(stack: Stack, page_for: PageFor) -> Page:
    """A member whose phone has taken the service worker up and has read the feed and the calendar."""
    page = page_for()
    sign_in(stack, page, stack.login("member", "tonan"), "tonan")
    page.goto(stack.url("/", "tonan"))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")  # whatever is opened after this goes through it
    for path in ("/", "/calendar/", "/posts/6/"):
        page.goto(stack.url(path, "tonan"))
        until(page, "async () => Boolean(await caches.match(location.href))")
    return page


def test_what_was_read_last_is_read_again(stack: Stack, member: Page) -> None:
    title = member.locator("h1").inner_text()
    member.context.set_offline(True)
    member.goto(stack.url("/posts/6/", "tonan"))
    assert member.locator("h1").inner_text() == title
    expect(member.get_by_text(re.compile("電波がとどいていません。.+に見たときのページです。"))).to_be_visible()
    member.goto(stack.url("/members/", "tonan"))
    expect(member.get_by_text("このページは、まだこのスマホに残っていません。")).to_be_visible()
    member.get_by_role("navigation", name="残っているページ").get_by_role("link", name=title).click()
    assert member.locator("h1").inner_text() == title
    member.context.set_offline(False)
    member.reload()
    expect(member.get_by_text("電波がとどいていません。")).to_be_hidden()


def test_an_answer_waits_for_the_line_and_is_sent(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/calendar/", "tonan"))
    member.context.set_offline(True)
    answer = member.get_by_role("button", name="未定").first
    answer.click()
    expect(member.get_by_text("答えを1件あずかりました。電波がもどったら送ります。")).to_be_visible()
    expect(answer).to_have_attribute("aria-pressed", "true")
    member.context.set_offline(False)
    expect(member.get_by_text("あずかっていた答えを1件送りました。")).to_be_visible()
    member.reload()
    expect(member.get_by_role("button", name="未定").first).to_have_attribute("aria-pressed", "true")


def test_a_comment_that_was_not_sent_is_still_there(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/posts/6/", "tonan"))
    member.get_by_label("コメントを書く").fill("とちゅうまで書いたこと")
    member.goto(stack.url("/", "tonan"))
    member.goto(stack.url("/posts/6/", "tonan"))
    expect(member.get_by_label("コメントを書く")).to_have_value("とちゅうまで書いたこと")


def test_who_leaves_leaves_nothing_behind(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/menu/", "tonan"))
    member.get_by_role("button", name="このスマホから出る").click()
    member.wait_for_url(re.compile("/sign-in/"))
    until(member, "async () => (await (await caches.open('pages-1')).keys()).length === 0")
    assert member.evaluate("localStorage.length") == 0
