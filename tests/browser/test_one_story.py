"""One story, walked three ways on a phone: a circular is read and sealed, an event answered. With letters of 200 %, by
keys alone, and without script."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, PageFor, Stack, sign_in

pytestmark = pytest.mark.slow

CIRCULAR = "清掃活動のお手伝いをお願いします"
DOUBLED = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; });"
# Words that pour out of their own box, or that a box hides. Excerpts end in … on purpose.
CUT = """() => {
    const says = (each) => Array.from(each.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
    const apart = ".visually-hidden, svg, .excerpt, select, textarea";
    const cut = (each) => {
      const style = getComputedStyle(each);
      const hides = style.overflowX !== "visible" || style.overflowY !== "visible";
      return each.scrollWidth > each.clientWidth + 1 || (hides && each.scrollHeight > each.clientHeight + 1)
        || each.getBoundingClientRect().right > window.innerWidth + 1;
    };
    return Array.from(document.querySelectorAll("header *, main *, nav *"))
      .filter((each) => each.checkVisibility() && !each.closest(apart) && each.clientWidth && says(each) && cut(each))
      .map((each) => each.outerHTML.slice(0, 140));
  }"""
# What is to be pressed lies inside the screen, and nothing lies on top of it.
REACHED = """(each) => {
    each.scrollIntoView({ block: "center" });
    const box = each.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + Math.min(box.height, window.innerHeight) / 2;
    const on_top = document.elementFromPoint(x, y);
    return box.left >= 0 && box.right <= window.innerWidth && box.height >= 44 && !!on_top && each.contains(on_top);
  }"""

Press = Callable[[Page, Locator], None]


@dataclass
class Walk:
    """How somebody goes through the pages, and what has to hold on each of them."""

    page: Page
    press: Press
    looks: Callable[[Page], None]

    def to(self, what: Locator) -> None:
        self.looks(self.page)
        self.press(self.page, what)


def by_finger(page: Page, what: Locator) -> None:
    assert what.evaluate(REACHED), f"{page.url}: out of reach: {what.inner_text()}"
    what.click()


def by_keys(page: Page, what: Locator) -> None:
    for _step in range(120):
        page.keyboard.press("Tab")
        if what.evaluate("each => each === document.activeElement"):
            break
    else:
        raise AssertionError(f"{page.url}: the Tab key never comes to {what.inner_text()}")
    style = what.evaluate("each => [getComputedStyle(each).outlineStyle, getComputedStyle(each).outlineWidth]")
    assert style[0] != "none", f"{page.url}: nobody sees where one is"
    page.keyboard.press("Enter")


def nothing_is_cut(page: Page) -> None:
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} scrolls sideways"
    cut = page.evaluate(CUT)
    assert cut == [], f"{page.url}: " + "\n".join(cut)


def anything(page: Page) -> None:
    """By keys and without script the look of the page is not what is asked."""


def story(stack: Stack, walk: Walk, slug: str) -> None:
    page = walk.page
    sign_in(stack, page, stack.login("member", slug), slug)
    page.goto(stack.url("/", slug))
    walk.to(page.get_by_role("link", name=CIRCULAR))
    expect(page.get_by_role("heading", level=1, name=CIRCULAR)).to_be_visible()
    walk.to(page.get_by_role("button", name="見ました（はんこを押す）"))
    expect(page.get_by_text("さんのお宅は見ました")).to_be_visible()
    walk.to(page.get_by_role("link", name="カレンダー"))
    card = page.locator("article.event", has_text="登録会").first
    walk.to(card.get_by_role("button", name="参加する", exact=True))
    answered = page.locator("article.event", has_text="登録会").first.get_by_role("button", name="参加する", exact=True)
    expect(answered).to_have_attribute("aria-pressed", "true")
    walk.looks(page)
    page.goto(stack.url("/", slug))
    expect(page.locator("article.post", has_text=CIRCULAR).locator(".seal")).to_be_visible()


def test_with_letters_of_200_percent_nothing_is_cut_or_out_of_reach(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE)
    page.add_init_script(DOUBLED)
    story(stack, Walk(page, by_finger, nothing_is_cut), "katagihara")


def test_by_keys_alone(stack: Stack, page_for: PageFor) -> None:
    story(stack, Walk(page_for(PHONE), by_keys, anything), "ichiharano")


def test_without_script(stack: Stack, page_for: PageFor) -> None:
    story(stack, Walk(page_for(PHONE, java_script_enabled=False), lambda _page, what: what.click(), anything), "tonan")
