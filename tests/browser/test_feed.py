"""The feed on a small phone: a post with a photo, two editors, a circular's seal, reporting and hiding, keys alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from provisioning.demonstration.pictures import picture
from tests.browser.conftest import PHONE, PageFor, Stack, serious_faults, sign_in

pytestmark = pytest.mark.slow

SITE = "fujishirodai"


def signed_in(stack: Stack, page_for: PageFor, role: str) -> Page:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login(role, SITE), SITE)
    return page


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def write(stack: Stack, page: Page, title: str, *, kind: str = "お知らせ", body: str = "本文です") -> None:
    page.goto(stack.url("/posts/new/", SITE))
    page.get_by_label(kind).first.check()
    page.get_by_label("題名").fill(title)
    page.get_by_label("本文").fill(body)
    page.get_by_role("button", name="この内容で届ける").click()
    page.wait_for_url(lambda url: url.rstrip("/").rpartition("/")[2].isdigit())


def test_a_photo_gets_its_caption_and_stands_large_in_the_post(stack: Stack, page_for: PageFor, tmp_path: Path) -> None:
    page = signed_in(stack, page_for, "officer")
    file = tmp_path / "seiso.png"
    file.write_bytes(picture("seiso"))
    page.goto(stack.url("/posts/new/", SITE))
    page.get_by_label("活動報告").first.check()
    page.get_by_label("題名").fill("落ち葉をはきました")
    page.locator("input[name=photos]").set_input_files(str(file))
    page.get_by_label("写真の下のひとこと").fill("15人で、袋30こ")
    page.get_by_label("見えない方への説明").fill("落ち葉の袋をならべる人たち")
    assert serious_faults(page) == []
    assert fits(page)
    page.get_by_role("button", name="この内容で届ける").click()
    shown = page.get_by_role("img", name="落ち葉の袋をならべる人たち")
    expect(shown).to_be_visible()
    box = shown.bounding_box()
    assert box
    assert box["width"] > 330
    assert abs(box["width"] / box["height"] - 1.6) < 0.1
    expect(page.get_by_text("15人で、袋30こ")).to_be_visible()
    assert serious_faults(page) == []


def test_the_second_of_two_editors_keeps_the_text(stack: Stack, page_for: PageFor) -> None:
    first = signed_in(stack, page_for, "officer")
    write(stack, first, "二人でなおす話")
    edit = f"{first.url}edit/"
    second = first.context.new_page()
    for page, words in ((first, "先の人の文"), (second, "あとの人の文")):
        page.goto(edit)
        page.get_by_label("本文").fill(words)
    first.get_by_role("button", name="なおした内容を出す").click()
    first.wait_for_url(lambda url: "/edit/" not in url)
    second.get_by_role("button", name="なおした内容を出す").click()
    expect(second.get_by_role("alert").filter(has_text="ほかの方が、先になおしました")).to_be_visible()
    expect(second.get_by_text("先の人の文")).to_be_visible()
    expect(second.get_by_label("本文")).to_have_value("あとの人の文")
    assert serious_faults(second) == []
    assert fits(second)
    second.get_by_role("button", name="なおした内容を出す").click()
    expect(second.get_by_text("あとの人の文")).to_be_visible()


def test_a_home_confirms_a_circular_and_the_officer_sees_who_is_missing(stack: Stack, page_for: PageFor) -> None:
    officer, member = signed_in(stack, page_for, "officer"), signed_in(stack, page_for, "member")
    write(stack, officer, "年末の夜回り", kind="回覧")
    member.goto(officer.url)
    member.get_by_role("button", name="見ました（はんこを押す）").click()
    expect(member.get_by_text("さんのお宅は見ました")).to_be_visible()
    assert serious_faults(member) == []
    assert fits(member)
    officer.get_by_role("link", name="はんこがまだの世帯").click()
    expect(officer.get_by_text("はんこがまだの 119世帯")).to_be_visible()
    officer.get_by_role("button", name="のかわりに押す").first.click()
    expect(officer.get_by_text("はんこがまだの 118世帯")).to_be_visible()
    assert serious_faults(officer) == []
    assert fits(officer)


def test_a_comment_is_reported_and_hidden(stack: Stack, page_for: PageFor) -> None:
    officer, member = signed_in(stack, page_for, "officer"), signed_in(stack, page_for, "member")
    write(stack, officer, "ことばの話")
    officer.get_by_label("コメントを書く").fill("つよいことばです")
    officer.get_by_role("button", name="コメントを送る").click()
    expect(officer.get_by_text("つよいことばです")).to_be_visible()
    member.goto(officer.url)
    member.get_by_role("link", name="役員に知らせる", exact=True).click()
    member.get_by_label("わけ").fill("少しつよく感じました")
    assert serious_faults(member) == []
    assert fits(member)
    member.get_by_role("button", name="役員に知らせる").click()
    expect(member.get_by_text("役員に伝えました")).to_be_visible()
    officer.goto(stack.url("/reports/", SITE))
    expect(officer.get_by_text("少しつよく感じました")).to_be_visible()
    assert serious_faults(officer) == []
    officer.get_by_role("link", name="かくす").first.click()
    officer.get_by_label("わけ").fill("やさしいことばにしましょう")
    officer.get_by_role("button", name="かくす").click()
    expect(officer.get_by_text("いまかくしているもの")).to_be_visible()
    member.reload()
    expect(member.get_by_text("つよいことばです")).to_have_count(0)


def test_reading_and_reacting_work_by_keys_alone(stack: Stack, page_for: PageFor) -> None:
    page = signed_in(stack, page_for, "member")
    page.goto(stack.url("/", SITE))
    title = page.locator("article.post h2 a").first
    words = title.inner_text()
    walk_to(page, lambda: bool(title.evaluate("element => element === document.activeElement")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    button = page.get_by_role("button", name="わかりました")
    walk_to(page, lambda: bool(button.evaluate("element => element === document.activeElement")))
    assert button.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")


def walk_to(page: Page, arrived: Callable[[], bool]) -> None:
    for _step in range(60):
        page.keyboard.press("Tab")
        if arrived():
            return
    raise AssertionError("Never came there by the Tab key.")
