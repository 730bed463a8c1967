"""Every page that links lead to, each kind once, measured as it lies there: at two widths, with letters of 200 %."""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, serious_faults

MOST = 90  # kinds of pages; a walk that reaches it has lost its way
SMALL = {"width": 320, "height": 640}  # what a desk of 1280 px shows at 400 %
SHIFT = 0.1  # of the screen: what readers are known to notice (Web Vitals)
NO_PAGE = re.compile(r"\.(pdf|ics|csv|zip|json|webmanifest|js|txt|ico)$|/static/|/dev/|/api/|/attachments/|/paper\.pdf")
WIDEST = """() => Array.from(document.querySelectorAll("body *"))
  .filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1)
  .slice(0, 4).map((each) => each.outerHTML.slice(0, 120))"""
TELL_SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
      if (!entry.hadRecentInput) window.shifted += entry.value;
    })).observe({ type: "layout-shift", buffered: true });
"""


def walk(page: Page, start: str) -> Iterator[str]:
    """Open every kind of page that can be reached by links from here; yields the address of each one opened.

    A kind is the path with its numbers left out: /posts/6/ and /posts/7/ are one.
    """
    waiting, known = deque([start]), {_kind(start)}
    while waiting:
        address = waiting.popleft()
        answer = page.goto(address)
        assert answer, address
        assert answer.status == 200, f"{address}: {answer.status}"
        yield address
        links = page.eval_on_selector_all("a[href]:not([download]):not([data-away])", "all => all.map((a) => a.href)")
        for link in dict.fromkeys(urldefrag(link).url for link in links):
            if _is_page(link, start) and _kind(link) not in known:
                known.add(_kind(link))
                waiting.append(link)
        assert len(known) <= MOST, sorted(known)


def _is_page(link: str, start: str) -> bool:
    return urlsplit(link).netloc == urlsplit(start).netloc and not NO_PAGE.search(urlsplit(link).path)


def _kind(address: str) -> str:
    return re.sub(r"\d+(-\d+)*|(?<=/associations/)[a-z-]+|(?<=/i/)[A-Z0-9-]+", "N", urlsplit(address).path)


def faults(page: Page) -> list[str]:
    """What axe calls serious at both widths; what is wider than the screen; what moves while the page comes in."""
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        found += [f"{viewport['width']} px: {fault}" for fault in serious_faults(page)]
        found += _too_wide(page, f"{viewport['width']} px")
    page.set_viewport_size(SMALL)
    found += _too_wide(page, "320 px")
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += _too_wide(page, "letters of 200 %")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def _too_wide(page: Page, when: str) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{page.url} is {width} px too wide ({when}): {page.evaluate(WIDEST)}"] if width > 0 else []
