"""A first visit on a weak line with a slow phone: what has to come and what moves; how long it takes is printed."""

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.conftest import PHONE, PageFor, Stack, sign_in
from tests.browser.walking import SHIFT, TELL_SHIFTS

pytestmark = pytest.mark.slow

SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOW_PHONE = 4  # times slower than this machine
FIRST_VIEW = 30 * 1024  # bytes over the line until the page has loaded: page, style, scripts; without photos
WATCH = """
    window.largest = 0; window.blocked = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.largest = entry.startTime; }))
      .observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.blocked += entry.duration - 50; }))
      .observe({ type: "longtask", buffered: true });
"""
# What the line carried before the page had loaded; what comes later has waited for it.
BEFORE_LOADED = """() => {
    const [page] = performance.getEntriesByType("navigation");
    return performance.getEntriesByType("resource")
      .filter((each) => each.initiatorType !== "img" && each.startTime < page.loadEventStart)
      .reduce((sum, each) => sum + each.transferSize, page.transferSize);
  }"""


@pytest.mark.parametrize("path", ["/", "/posts/6/", "/calendar/", "/communities/"])
def test_a_first_view_is_light_and_stands_still(stack: Stack, page_for: PageFor, path: str) -> None:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login("member", "tonan"), "tonan")
    page.add_init_script(TELL_SHIFTS + WATCH)
    session = page.context.new_cdp_session(page)
    loaded = _count(session)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.setBypassServiceWorker", {"bypass": True})
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
    page.goto(stack.url(path, "tonan"), wait_until="load")
    page.wait_for_timeout(1500)
    first = page.evaluate(BEFORE_LOADED)
    _print(page, path, first, loaded)
    assert loaded["Document"] < first <= FIRST_VIEW
    assert loaded["Font"] == 0
    assert page.evaluate("window.shifted") <= SHIFT


def _count(session: CDPSession) -> dict[str, int]:
    """Bytes over the line by kind, headers included, as the browser counts them."""
    loaded = dict.fromkeys(("Document", "Stylesheet", "Script", "Image", "Font", "Other"), 0)
    kinds: dict[str, str] = {}

    def response(event: dict[str, str]) -> None:
        kinds[event["requestId"]] = event["type"] if event["type"] in loaded else "Other"

    def finished(event: dict[str, str]) -> None:
        loaded[kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])

    session.send("Network.enable")
    session.on("Network.responseReceived", response)
    session.on("Network.loadingFinished", finished)
    return loaded


def _print(page: Page, path: str, first: int, loaded: dict[str, int]) -> None:
    largest, blocked, shifted = page.evaluate("[window.largest, window.blocked, window.shifted]")
    weights = ", ".join(f"{kind} {size / 1024:.1f}" for kind, size in loaded.items() if size)
    print(f"{path}: largest paint {largest:.0f} ms, blocked {blocked:.0f} ms, shift {shifted:.3f}")
    print(f"  KiB: {first / 1024:.1f} until the page had loaded, without photos; in all {weights}")
