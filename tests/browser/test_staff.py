"""Staff come in with a real browser: passkeys of its virtual authenticator, digits without script; a support visit."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, PageFor, Stack, serious_faults, sign_in

pytestmark = pytest.mark.slow

INSIDE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
          "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip


@pytest.fixture
def official(stack: Stack) -> str:
    """The last of the demonstration's city staff, whom no other walk signs in."""
    logins = [row["email"] for row in stack.get("/dev/logins.json").json() if row["role"] == "city"]
    assert len(logins) > 1
    return str(logins[-1])


def prove_contact(stack: Stack, page: Page, email: str) -> None:
    def codes() -> list[str]:
        return [row["subject"] for row in stack.messages(email) if row["subject"].startswith("6けた")]

    before = len(codes())
    page.goto(stack.url("/sign-in/"))
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_role("button", name="番号を受け取る").click()
    stack._wait(lambda: len(codes()) > before)
    page.get_by_label("6けたの番号").fill(re.search(r"\d{6}", codes()[0])[0])  # type: ignore[index]
    page.get_by_role("button", name="入る").click()
    page.wait_for_url(lambda url: "/sign-in/code/" not in url)


def faults(page: Page) -> list[str]:
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += serious_faults(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{page.url} is wider than {viewport['width']} px")
    return found


def test_a_passkey_is_made_and_shown_and_taken_away(stack: Stack, page_for: PageFor, official: str) -> None:
    page = page_for(PHONE)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": INSIDE})
    prove_contact(stack, page, official)
    page.goto(stack.url("/security/"))
    page.get_by_role("link", name="守りをつくる").click()
    wrong = faults(page)
    page.get_by_role("link", name="パスキーをつくる").click()
    wrong += faults(page)
    page.get_by_role("button", name="パスキーをつくる").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="予備の番号を控えてください").wait_for()
    wrong += faults(page)
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="控えました").click()
    page.wait_for_url(stack.url("/city/"))
    page.get_by_role("button", name="出る").click()

    prove_contact(stack, page, official)
    page.wait_for_url(stack.url("/sign-in/second/"))
    wrong += faults(page)
    page.goto(stack.url("/city/"))
    assert "/sign-in/" in page.url  # the code alone opens nothing
    page.goto(stack.url("/sign-in/second/"))
    page.get_by_role("button", name="パスキーで入る").click()
    page.wait_for_url(stack.url("/city/"))

    page.goto(stack.url("/security/"))
    wrong += faults(page)
    page.get_by_role("link", name="外す").click()
    page.get_by_role("button", name="外す").click()
    page.get_by_text("外しました。").wait_for()
    assert wrong == []


def test_a_device_that_will_not_says_so_and_the_page_stays_usable(
    stack: Stack, page_for: PageFor, official: str
) -> None:
    page = page_for(PHONE)
    prove_contact(stack, page, official)
    page.goto(stack.url("/sign-in/set-up/passkey/"))
    page.evaluate(
        "() => { navigator.credentials.create = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    ask = page.get_by_role("button", name="パスキーをつくる")
    ask.click()
    page.get_by_text("パスキーを使えませんでした").wait_for()
    assert faults(page) == []
    assert ask.is_enabled()


def test_digits_work_without_script(stack: Stack, page_for: PageFor, official: str) -> None:
    page = page_for(PHONE, java_script_enabled=False)
    prove_contact(stack, page, official)
    page.goto(stack.url("/sign-in/set-up/passkey/"))
    assert page.get_by_text("このブラウザでは、パスキーを使えません").is_visible()
    assert not page.get_by_role("button", name="パスキーをつくる").is_visible()
    page.goto(stack.url("/sign-in/set-up/app/"))
    page.get_by_text("写せないとき").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("アプリの6けた").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="この番号で合わせる").click()
    page.get_by_role("link", name="控えました").click()
    page.get_by_role("button", name="メニュー").click()
    page.get_by_role("button", name="出る").click()
    prove_contact(stack, page, official)
    next_ones = pyotp.TOTP(secret).at(timezone.now() + timedelta(seconds=30))  # taken already; the first are used up
    page.get_by_label("アプリの6けた").fill(next_ones)
    page.get_by_role("button", name="入る", exact=True).click()
    page.wait_for_url(stack.url("/city/"))
    page.goto(stack.url("/security/app/removal/"))
    page.get_by_role("button", name="外す").click()
    page.get_by_text("外しました。").wait_for()


def test_the_representative_lets_support_look_in_and_sees_what_it_saw(stack: Stack, page_for: PageFor) -> None:
    desk, chair = page_for(DESK), page_for(PHONE)
    sign_in(stack, desk, stack.login("operator"))
    desk.goto(stack.url("/operations/associations/fujishirodai/support/"))
    desk.get_by_label("わけ").fill("3組に届かないとのご相談")
    desk.get_by_role("button", name="代表者に頼む").click()
    desk.get_by_text("お返事を待っています").wait_for()

    sign_in(stack, chair, stack.login("officer", "fujishirodai"), "fujishirodai")
    chair.goto(stack.url("/menu/", "fujishirodai"))
    chair.get_by_role("link", name="見せるかどうかを決める").click()
    chair.get_by_text("1時間", exact=True).click()
    chair.get_by_role("button", name="運営事務局に見てもらう").click()
    chair.get_by_text("いつでも終わりにできます").wait_for()
    wrong = faults(chair)

    desk.reload()
    wrong += faults(desk)
    desk.get_by_role("button", name="ページを読みに行く").click()
    desk.wait_for_url(stack.url("/", "fujishirodai"))
    assert desk.get_by_text("運営事務局が見ています（読むだけ）").is_visible()
    for path in ("/", "/members/", "/menu/", "/support/"):
        desk.goto(stack.url(path, "fujishirodai"))
        wrong += faults(desk)
    chair.reload()
    assert chair.get_by_role("link", name="/members/").is_visible()
    chair.get_by_role("button", name="いますぐ終わりにする").click()
    desk.goto(stack.url("/members/", "fujishirodai"))
    assert desk.get_by_role("heading", name="サポートは終わりました").is_visible()
    assert wrong == []
