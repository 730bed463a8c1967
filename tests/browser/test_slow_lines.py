"""What takes longer than a moment says so: by words that are read out, by aria-busy on the part that will change."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import PHONE, PageFor, Stack, sign_in

pytestmark = pytest.mark.slow

NOTE = """() => {
    const told = document.getElementById("loading");
    const keep = () => told.textContent && sessionStorage.setItem("said", told.textContent);
    new MutationObserver(keep).observe(told, { childList: true });
  }"""


def holding(held: list[Route]) -> Callable[[Route], None]:
    """What is asked waits until somebody lets it go."""

    def hold(route: Route) -> None:
        held.append(route)

    return hold


def test_a_slow_answer_is_announced_and_then_quiet_again(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login("member", "ichiharano"), "ichiharano")
    page.goto(stack.url("/calendar/", "ichiharano"))
    held: list[Route] = []
    page.route(re.compile("/rsvp/"), holding(held))
    status = page.locator("#loading")
    expect(status).to_have_attribute("role", "status")
    expect(status).to_be_hidden()
    page.locator("article.event", has_text="役員会").first.get_by_role("button", name="未定").click()
    expect(status).to_have_text("読みこんでいます…")
    expect(status).to_be_visible()
    expect(page.locator("main [aria-busy=true]").first).to_be_visible()
    held[0].continue_()
    expect(status).to_be_hidden()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    again = page.locator("article.event", has_text="役員会").first.get_by_role("button", name="未定")
    expect(again).to_have_attribute("aria-pressed", "true")


def test_the_way_to_a_slow_page_is_announced(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE, service_workers="block")
    sign_in(stack, page, stack.login("member", "ichiharano"), "ichiharano")
    page.goto(stack.url("/menu/", "ichiharano"))
    held: list[Route] = []
    page.route(re.compile("/news/$"), holding(held))
    page.evaluate(NOTE)
    page.get_by_role("link", name="お知らせの受け取り方").click(no_wait_after=True)
    page.wait_for_timeout(1500)  # a page that is being left answers no questions; it keeps what it said
    held[0].continue_()
    expect(page.get_by_role("heading", level=1, name="お知らせの受け取り方")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('said')") == "読みこんでいます…"
    expect(page.locator("#loading")).to_be_hidden()
