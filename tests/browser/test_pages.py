"""Every page there is, for whoever has one: no serious fault for axe, nothing wider than the screen, no complaint."""

import pytest
from playwright.sync_api import ConsoleMessage

from tests.browser import walking
from tests.browser.conftest import PHONE, PageFor, Stack, sign_in

pytestmark = pytest.mark.slow

WALKS = [
    ("anyone", "", "", "/"),
    ("anyone at a site", "", "tonan", "/sign-in/"),
    ("member", "member", "tonan", "/"),
    ("officer", "officer", "fujishirodai", "/"),
    ("operator", "operator", "", "/operations/"),
    ("city staff", "city", "", "/city/"),
]


@pytest.mark.parametrize(("who", "role", "slug", "start"), WALKS, ids=[walk[0] for walk in WALKS])
def test_pages_have_no_serious_fault(
    stack: Stack, page_for: PageFor, who: str, role: str, slug: str, start: str
) -> None:
    page = page_for(PHONE)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{page.url} {message.text}")

    if role:
        sign_in(stack, page, stack.login(role, slug), slug)
    page.on("console", listen)
    page.add_init_script(walking.TELL_SHIFTS)
    seen = 0
    for address in walking.walk(page, stack.url(start, slug)):
        seen += 1
        shift = page.evaluate("window.shifted")
        if shift > walking.SHIFT:
            complaints.append(f"{address} moves by {shift:.2f} while it comes in")
        complaints += walking.faults(page)
    print(f"{who}: {seen} kinds of pages")
    assert complaints == [], "\n".join(complaints)


def test_reading_and_answering_work_without_javascript(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE, java_script_enabled=False)
    sign_in(stack, page, stack.login("member", "tonan"), "tonan")
    page.goto(stack.url("/posts/6/", "tonan"))
    page.get_by_role("button", name="わかりました").click()
    assert page.get_by_role("button", name="わかりました").get_attribute("aria-pressed") == "true"
    page.get_by_label("コメントを書く").fill("スクリプトなしで書きました。")
    page.get_by_role("button", name="コメントを送る").click()
    assert page.get_by_text("スクリプトなしで書きました。").first.is_visible()
    page.goto(stack.url("/calendar/", "tonan"))
    page.get_by_role("button", name="参加しない").first.click()
    assert page.get_by_role("button", name="参加しない").first.get_attribute("aria-pressed") == "true"
