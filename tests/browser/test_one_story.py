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
# Words that stand outside of their own box or of one that hides the rest. Excerpts end in … on purpose.
CUT = """() => {
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    const cut = [], tell = () => cut.push(words.currentNode.data.trim().slice(0, 60));
    const apart = ".visually-hidden, .skip, svg, script, .excerpt, option";
    const hides = (style) => style.overflowX !== "visible" || style.overflowY !== "visible";
    while (words.nextNode()) {
      const around = words.currentNode.parentElement;
      if (!words.currentNode.data.trim() || around.closest(apart) || !around.checkVisibility()) continue;
      range.selectNodeContents(words.currentNode);
      const said = range.getBoundingClientRect();
      let own = true;
      for (let box = around; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box), place = box.getBoundingClientRect();
        if (style.display === "inline" || !(own || hides(style))) continue;
        own = false;
        const outside = said.right > place.right + 1 || said.left < place.left - 1;
        if (outside || (hides(style) && said.bottom > place.bottom + 1)) tell();
      }
      if (said.right > window.innerWidth + 1) tell();
    }
    return cut;
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
    for _again in range(10):  # while one page fades into the next, nothing can be touched yet
        if what.evaluate(REACHED):
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError(f"{page.url}: out of reach: {what.inner_text()}")
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
    expect(page.get_by_role("button", name="参加する", exact=True, pressed=True).first).to_be_visible()
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
