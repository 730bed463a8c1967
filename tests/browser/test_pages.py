"""Every main page at both widths: no serious fault for axe, nothing wider than the screen, nothing in the console."""

import pytest
from playwright.sync_api import ConsoleMessage

from tests.browser.conftest import DESK, PHONE, PageFor, Stack, serious_faults, sign_in

pytestmark = pytest.mark.slow

OPEN = ["/", "/apply/", "/sign-in/"]
SITE_OPEN = ["/sign-in/", "/menu/text/"]
MEMBER = [
    "/",
    "/posts/6/",
    "/posts/6/paper/",
    "/search/?q=清掃",
    "/communities/",
    "/calendar/",
    "/calendar/1/",
    "/menu/",
]
OFFICER = [
    "/posts/new/",
    "/menu/room/",
    "/posts/6/delivery/",
    "/calendar/new/",
    "/communities/new/",
    "/members/",
    "/members/waiting/",
    "/members/invitations/",
    "/members/seats/",
    "/members/groups/",
    "/plan/",
    "/support/",
    "/menu/address/",
]
OPERATIONS = [
    "/operations/",
    "/operations/runs/",
    "/operations/runs/1/",
    "/operations/associations/",
    "/operations/associations/tonan/",
    "/operations/associations/tonan/closure/",
    "/operations/associations/tonan/renaming/",
    "/operations/associations/tonan/domains/",
    "/operations/log/",
    "/operations/messages/",
    "/operations/deliverability/",
    "/operations/fleet/",
    "/operations/staff/",
    "/operations/associations/tonan/support/",
    "/security/",
    "/sign-in/set-up/",
    "/sign-in/set-up/app/",
    "/sign-in/set-up/passkey/",
]
CITY = ["/city/", "/city/offices/", "/security/"]

WALKS = [
    ("anyone", "", "", OPEN),
    ("anyone at a site", "", "tonan", SITE_OPEN),
    ("member", "member", "tonan", MEMBER),
    ("officer", "officer", "fujishirodai", OFFICER),
    ("operator", "operator", "", OPERATIONS),
    ("city staff", "city", "", CITY),
]


@pytest.mark.parametrize(("who", "role", "slug", "paths"), WALKS, ids=[walk[0] for walk in WALKS])
def test_pages_have_no_serious_fault(
    stack: Stack, page_for: PageFor, who: str, role: str, slug: str, paths: list[str]
) -> None:
    page = page_for(PHONE)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{page.url} {message.text}")

    page.on("console", listen)
    if role:
        sign_in(stack, page, stack.login(role, slug), slug)
    for path in paths:
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)
            answer = page.goto(stack.url(path, slug))
            assert answer
            assert answer.status == 200, page.url
            complaints += serious_faults(page)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                complaints.append(f"{page.url} is wider than {viewport['width']} px")
    assert complaints == []


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
