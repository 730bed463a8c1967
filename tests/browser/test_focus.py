"""Who presses something by the keyboard, or listens, goes on from there: no exchange of a part loses their place."""

import pytest

from tests.browser.conftest import DESK, sign_in, until


@pytest.fixture
def desk(page_for, stack):
    page = page_for(DESK)
    sign_in(stack, page, stack.login("member", "tonan"), "tonan")
    return page


def _press(page, selector: str) -> None:
    until(page, "Boolean(window.htmx)")
    page.focus(selector)
    page.keyboard.press("Enter")


def _first_post(page, stack) -> str:
    page.goto(stack.url("/", "tonan"))
    return page.locator("a[href^='/posts/']:has-text('')").first.get_attribute("href")


def test_a_reaction_a_comment_and_an_answer_keep_their_place(desk, stack):
    desk.goto(stack.url(_first_post(desk, stack), "tonan"))
    button = "#reactions button >> nth=1"
    value = desk.locator("#reactions button").nth(1).get_attribute("value")
    pressed = desk.locator("#reactions button").nth(1).get_attribute("aria-pressed")
    _press(desk, button)
    until(desk, f"document.querySelector('#reactions button[value={value}]').ariaPressed !== '{pressed}'")
    until(desk, f"document.activeElement.value === '{value}'")

    desk.fill("#comments textarea", "よろしくお願いします。")
    _press(desk, "#comments form button:has-text('コメントを送る')")
    until(desk, "document.querySelector('#comments textarea').value === ''")
    until(desk, "Boolean(document.activeElement.closest('#comments form button'))")
    until(desk, "/コメント \\d+件/.test(document.getElementById('said').textContent)")
