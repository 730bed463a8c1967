"""Searching on a phone: an old notice in two taps, chips that narrow, and the same without a script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, PageFor, Stack, serious_faults, sign_in

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, stack: Stack) -> Any:
    """A member's cookies: only so many codes are sent in an hour."""
    context = chromium.new_context(locale="ja-JP")
    sign_in(stack, context.new_page(), stack.login("member", "tonan"), "tonan")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def member(request: pytest.FixtureRequest, signed_in: Any, stack: Stack, page_for: PageFor) -> Page:
    page = page_for(PHONE, java_script_enabled=request.param, storage_state=signed_in)
    page.goto(stack.url("/", "tonan"))
    return page


def results(page: Page) -> list[str]:
    return page.locator("article h2").all_inner_texts()


def ask(page: Page, words: str) -> None:
    page.get_by_label("さがすことば").fill(words)
    page.get_by_role("button", name="さがす", exact=True).click()
    expect(page.get_by_label("さがすことば")).to_have_value(words)


def test_an_old_notice_is_found_in_two_taps_from_home(stack: Stack, member: Page) -> None:
    member.get_by_role("link", name="さがす").first.click()  # the first tap
    ask(member, "はんこ")  # the second
    assert results(member) == ["このページの使い方"]
    assert member.locator("article mark").first.inner_text() == "はんこ"
    assert member.locator("article").first.bounding_box()["y"] < PHONE["height"] / 2  # type: ignore[index]
    member.locator("article h2 a").first.click()
    expect(member.locator("h1")).to_have_text("このページの使い方")


def test_one_result_and_half_of_the_next_are_seen_at_once(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/search/?q=清掃", "tonan"))
    tabs = member.get_by_role("navigation", name="おもな場所").last.bounding_box()
    second = member.locator("article").nth(1).bounding_box()
    assert tabs
    assert second
    assert second["y"] + second["height"] / 2 < tabs["y"]
    assert member.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_chips_narrow_and_say_what_they_did(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/search/?q=清掃", "tonan"))
    everything = results(member)
    expect(member.get_by_role("link", name="行事")).to_be_hidden()
    member.get_by_text("しぼる", exact=True).click()
    member.get_by_role("navigation", name="何をさがすか").get_by_role("link", name="行事").click()
    expect(member.get_by_text("しぼる：行事")).to_be_visible()
    expect(member.get_by_label("さがすことば")).to_have_value("清掃")
    assert results(member)
    assert len(results(member)) < len(everything)
    assert set(results(member)) < set(everything)
    member.get_by_text("しぼる：行事").click()
    member.get_by_role("navigation", name="何をさがすか").get_by_role("link", name="すべて").click()
    expect(member.get_by_text("しぼる", exact=True)).to_be_visible()
    assert results(member) == everything


def test_months_and_who_narrow_by_a_form(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/search/?q=清掃", "tonan"))
    member.get_by_text("しぼる", exact=True).click()
    member.get_by_label("何月から").fill("2020-01")
    member.get_by_label("何月まで").fill("2020-12")
    member.get_by_role("button", name="しぼってさがす").click()
    expect(member.get_by_text("しぼる：2020年1月から・2020年12月まで")).to_be_visible()
    expect(member.get_by_text("「清掃」は、見つかりませんでした。")).to_be_visible()


def test_nothing_found_helps(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/search/?q=清掃&when=last&kind=urgent", "tonan"))
    expect(member.get_by_text("「清掃」は、見つかりませんでした。")).to_be_visible()
    expect(member.get_by_text("短いことばや、ひらがなでも、ためしてみてください。")).to_be_visible()
    member.get_by_role("link", name="しぼらずに、ことばだけでさがす").click()
    expect(member.locator("article").first).to_be_visible()
    ask(member, "潜水艦")
    expect(member.get_by_text("「潜水艦」は、見つかりませんでした。")).to_be_visible()
    member.get_by_role("link", name="ホームへもどる").click()
    expect(member).to_have_url(stack.url("/", "tonan"))


def test_without_words_a_choice_alone_lists_all_of_it(stack: Stack, member: Page) -> None:
    member.goto(stack.url("/search/", "tonan"))
    expect(member.get_by_text("ことばでさがせます。")).to_be_in_viewport()
    member.get_by_text("しぼる", exact=True).click()
    member.get_by_role("link", name="去年").click()
    expect(member.get_by_text("しぼる：去年")).to_be_visible()


@pytest.mark.parametrize("query", ["", "?q=清掃", "?q=潜水艦&when=last", "?q=清掃&since=x"])
def test_the_page_has_no_serious_faults(stack: Stack, signed_in: Any, page_for: PageFor, query: str) -> None:
    for viewport in (PHONE, DESK):
        page = page_for(viewport, storage_state=signed_in)
        page.goto(stack.url(f"/search/{query}", "tonan"))
        assert serious_faults(page) == []


def test_the_outsider_finds_nothing_of_it(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login("member", "ichiharano"), "ichiharano")
    page.goto(stack.url("/search/?q=桃南", "tonan"))
    expect(page).to_have_url(re.compile("/sign-in/"))
