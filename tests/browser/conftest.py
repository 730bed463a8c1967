"""The whole stack as `make run` starts it, on a port of its own, and a real Chromium to walk it with."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from infra.dev.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PATIENCE = 420  # seconds for the first start with demonstration data


@dataclass
class Stack:
    port: int

    def url(self, path: str = "/", slug: str = "") -> str:
        host = f"{slug}.kairan.localhost" if slug else "kairan.localhost"
        return f"http://{host}:{self.port}{path}"

    def get(self, path: str, host: str = "kairan.localhost") -> requests.Response:
        """Python does not resolve *.localhost; a Host header leads there."""
        return requests.get(f"http://127.0.0.1:{self.port}{path}", headers={"Host": host}, timeout=10)

    def code(self, to: str) -> str:
        """The newest six-digit code sent to this contact, waiting for its delivery."""
        return str(self._wait(lambda: _code(self.messages(to))))

    def messages(self, to: str) -> list[dict[str, Any]]:
        return [row for row in self.get("/dev/outbox.json").json() if row["to"] == to]

    def mail(self, to: str, words: str) -> dict[str, Any]:
        return self._wait(lambda: next((m for m in self.messages(to) if words in m["subject"] + m["body"]), None))

    def login(self, role: str, slug: str = "") -> str:
        """The e-mail address of a demonstration login."""
        host = f"{slug}.kairan.localhost" if slug else "kairan.localhost"
        logins = self.get("/dev/logins.json").json()
        return next(row["email"] for row in logins if row["role"] == role and row["host"] == host)

    def _wait(self, find: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = find()
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError("The message never came.")


def _code(messages: list[dict[str, Any]]) -> str | None:
    found = re.search(r"\b(\d{6})\b", messages[0]["body"]) if messages else None
    return found[1] if found else None


def until(page: Page, expression: str) -> None:
    """Wait until the expression is true on the page; Playwright's own wait is refused by the CSP."""
    deadline = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"Never true: {expression}"
        page.wait_for_timeout(100)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    environment |= {"PORT": str(port), "KAIRAN_DATA": str(folder / "data")}
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.dev", "run"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    stack = Stack(port)
    try:
        _until_ready(stack, process, folder / "log")
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _until_ready(stack: Stack, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if stack.get("/readyz").status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"The stack did not become ready:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. A machine without one fails here, loudly: nothing is skipped.

    For one module at a time: while Playwright runs its event loop, Django refuses this thread the database.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    assert path, "No Chromium found: run `make browser`, or apt install chromium."
    arguments = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *arguments])
        yield browser
        browser.close()


PageFor = Callable[..., Page]


@pytest.fixture
def page_for(chromium: Browser, stack: Stack) -> Iterator[PageFor]:
    """A new person's browser: their own cookies; phone-sized unless told otherwise."""
    contexts: list[BrowserContext] = []

    def open_page(viewport: dict[str, int] = PHONE, **options: Any) -> Page:
        context = chromium.new_context(viewport=viewport, locale="ja-JP", timezone_id="Asia/Tokyo", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


_signed_in: dict[tuple[int, str, str], Any] = {}  # the sessions of this run: codes are limited per contact and hour


def sign_in(stack: Stack, page: Page, contact: str, slug: str = "", path: str = "/sign-in/") -> None:
    """Type a contact, take the code out of the outbox, type the code; at a site a session that still holds is shown."""
    who = (stack.port, slug, contact)
    if who in _signed_in and path == "/sign-in/":
        page.context.add_cookies(_signed_in[who])
        page.goto(stack.url("/", slug))
        if "/sign-in/" not in page.url:
            return
        page.context.clear_cookies()
    page.goto(stack.url(path, slug))
    enter_code(stack, page, contact)
    if slug:
        _signed_in[who] = [cookie for cookie in page.context.cookies() if cookie["name"] in ("session", "csrf")]


def enter_code(stack: Stack, page: Page, contact: str, to: str = "") -> None:
    before = len(stack.messages(to or contact))
    page.get_by_label(re.compile("メールアドレス")).fill(contact)
    page.get_by_role("button", name="番号を受け取る").click()
    stack._wait(lambda: len(stack.messages(to or contact)) > before)
    page.get_by_label("6けたの番号").fill(stack.code(to or contact))
    page.get_by_role("button", name="入る").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def serious_faults(page: Page) -> list[str]:
    """axe's serious and critical findings on the page as it stands."""
    violations = Axe().run(page).response["violations"]
    bad = [v for v in violations if v["impact"] in ("serious", "critical")]
    return [f"{page.url} {v['id']}: {v['nodes'][0]['html'][:160]}" for v in bad]
