"""The calendar on a phone: answering, and moving one day of a series, with script and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, PageFor, Stack, serious_faults, sign_in

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_answering_and_moving_one_day_on_a_phone(stack: Stack, page_for: PageFor, script: bool) -> None:
    """The officer of 藤城台 moves the monthly meeting once, and answers; the other days stay."""
    page = page_for(PHONE, java_script_enabled=script)
    sign_in(stack, page, stack.login("officer", "fujishirodai"), "fujishirodai")
    page.goto(stack.url("/calendar/", "fujishirodai"))
    card = page.locator("article.event", has_text="役員会").first
    card.get_by_role("button", name="未定").click()
    answered = page.locator("article.event", has_text="役員会").first.get_by_role("button", name="未定")
    if script:
        expect(answered).to_have_attribute("aria-pressed", "true")
    page.goto(stack.url("/calendar/", "fujishirodai"))
    page.get_by_role("link", name="役員会").first.click()
    expect(page.get_by_text("「未定」と答えました").first).to_be_visible()
    page.get_by_role("link", name="なおす").click()
    page.get_by_role("link", name="だけ").click()
    page.get_by_label("始まり").fill("20:00")
    page.get_by_label("終わり").fill("21:30")
    page.get_by_label("変わったわけ").fill("集会所が使えないため")
    page.get_by_role("button", name="この日だけ変える").click()
    expect(page.get_by_text("20:00〜21:30")).to_be_visible()
    expect(page.get_by_text("集会所が使えないため")).to_be_visible()
    expect(page.get_by_text("「未定」と答えました").first).to_be_visible()
    if script:
        assert serious_faults(page) == []
    page.goto(stack.url("/calendar/", "fujishirodai"))
    assert page.locator("article.event", has_text="この日だけ変わりました").count() >= 1


def test_the_calendar_s_further_pages_have_no_serious_fault(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login("officer", "ichiharano"), "ichiharano")
    paths = "1/which/ 1/move/ 1/cancel/ 3/answers/ 3/attendance/ import/ copy/ new/ share/revoke/".split()
    wrong = []
    for path in paths:
        page.goto(stack.url(f"/calendar/{path}", "ichiharano"))
        wrong += [f"{path}: {fault}" for fault in serious_faults(page)]
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wrong.append(f"{path} is wider than the phone")
    assert wrong == []
