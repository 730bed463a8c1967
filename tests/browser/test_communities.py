"""Communities and what they hand on, at a phone's width: asking to come in, inviting a group, records."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, PageFor, Stack, serious_faults, sign_in

pytestmark = pytest.mark.slow
SLUG = "tonan"


@pytest.fixture
def officer(stack: Stack, page_for: PageFor) -> Page:
    page = page_for(PHONE)
    sign_in(stack, page, f"officer@{SLUG}.example.jp", SLUG)
    return page


@pytest.fixture
def neighbour(stack: Stack, page_for: PageFor) -> Page:
    page = page_for(PHONE)
    sign_in(stack, page, f"member@{SLUG}.example.jp", SLUG)
    return page


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert serious_faults(page) == []


def start(stack: Stack, page: Page, name: str, access: str) -> str:
    """The address of a community just started."""
    page.goto(stack.url("/communities/new/", SLUG))
    page.get_by_label("名前").fill(name)
    page.get_by_role("radio", name=re.compile(access)).check()
    page.get_by_role("button", name="この集まりを作る").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return page.url


def test_one_asks_at_the_door_and_is_let_in(stack: Stack, officer: Page, neighbour: Page) -> None:
    room = start(stack, officer, "改修委員会", "世話役がたしかめます")
    neighbour.goto(room)
    neighbour.get_by_role("button", name="入りたいと申し込む").click()
    expect(neighbour.get_by_text("申し込みました")).to_be_visible()
    officer.goto(room)
    officer.get_by_role("link", name=re.compile("入りたい人がいます")).click()
    fits(officer)
    officer.get_by_role("button", name=re.compile("入ってもらう")).click()
    expect(officer.get_by_text("さんが入りました。")).to_be_visible()
    neighbour.goto(room)
    expect(neighbour.get_by_role("link", name="ここに書く")).to_be_visible()
    fits(neighbour)


def test_a_group_is_invited_and_a_neighbour_answers_with_one_tap(stack: Stack, officer: Page, neighbour: Page) -> None:
    neighbour.goto(stack.url("/menu/", SLUG))
    group = re.search(r"(\d+組)", neighbour.locator("main").inner_text())
    assert group
    room = start(stack, officer, "夏まつり実行委員会", "役員だけに見えます")
    officer.goto(f"{room}invite/")
    fits(officer)
    officer.get_by_label("組のみなさん").select_option(label=group[1])
    officer.get_by_role("button", name="選んだ相手に声をかける").click()
    expect(officer.get_by_text("人に声をかけました。")).to_be_visible()
    letter = stack.mail(f"member@{SLUG}.example.jp", "夏まつり実行委員会")
    link = re.search(r"http\S+", letter["body"])
    assert link
    neighbour.goto(link[0])
    fits(neighbour)
    neighbour.get_by_role("button", name="入る", exact=True).click()
    expect(neighbour.get_by_text("「夏まつり実行委員会」に入りました。")).to_be_visible()


def test_a_record_is_written_and_found_again(stack: Stack, officer: Page) -> None:
    officer.goto(stack.url("/handover/new/", SLUG))
    fits(officer)
    officer.get_by_label("あったこと").fill("用水路の落ち葉")
    officer.get_by_label("したこと").fill("10月に当番を決めた。")
    officer.get_by_role("button", name="この記録を残す").click()
    expect(officer.get_by_text("記録を残しました。")).to_be_visible()
    officer.goto(stack.url("/handover/", SLUG))
    officer.get_by_label("記録をさがす").fill("当番")
    officer.get_by_role("button", name="さがす").click()
    officer.get_by_role("link", name="用水路の落ち葉").click()
    expect(officer.get_by_text("10月に当番を決めた。")).to_be_visible()
    fits(officer)


def test_by_keys_alone_one_reaches_the_records_and_notes_one(stack: Stack, officer: Page) -> None:
    officer.goto(stack.url("/handover/", SLUG))
    press_until(officer, "ごみ置き場のカラス")
    officer.keyboard.press("Enter")
    expect(officer.get_by_role("heading", name="ごみ置き場のカラス", level=1)).to_be_visible()
    press_until(officer, "", "TEXTAREA")
    officer.keyboard.type("網は倉庫にもう1枚あります。")
    press_until(officer, "書きそえる", "BUTTON")
    officer.keyboard.press("Enter")
    expect(officer.get_by_text("網は倉庫にもう1枚あります。")).to_be_visible()


def press_until(page: Page, words: str, tag: str = "") -> None:
    """Tab on until something of these words, or this kind, has the focus, and shows it."""
    for _step in range(60):
        page.keyboard.press("Tab")
        name, text, outline = page.evaluate(
            "(() => { const e = document.activeElement; "
            "return [e.tagName, e.innerText || '', getComputedStyle(e).outlineStyle]; })()"
        )
        if words in text and (not tag or name == tag) and name != "BODY":
            assert outline != "none"
            return
    raise AssertionError(f"The focus never reached {words or tag}.")
