"""Photos on a weak line: how far they are is said in words, a broken line is waited for, then the form goes."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route

from tests.browser.conftest import PHONE, PageFor, Stack, serious_faults, sign_in

pytestmark = pytest.mark.slow


def photo(name: str, size: tuple[int, int] = (800, 500), turn: int = 1) -> dict[str, Any]:
    """Noise on red: it does not compress, as real photos do not."""
    tags, file = Image.Exif(), io.BytesIO()
    tags[0x0112] = turn
    picture = Image.effect_noise(size, 90).convert("RGB")
    Image.blend(picture, Image.new("RGB", size, "red"), 0.3).save(file, "JPEG", quality=95, exif=tags)
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


@pytest.fixture
def page(stack: Stack, page_for: PageFor) -> Page:
    page = page_for(PHONE)
    sign_in(stack, page, stack.login("officer", "tonan"), "tonan")
    page.goto(stack.url("/posts/new/", "tonan"))
    return page


def test_photos_go_on_where_the_line_broke_and_the_form_goes_after_them(page: Page) -> None:
    words, broken, complaints = [], [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.expose_function("heard", lambda text: words.append(text))
    page.evaluate(
        "new MutationObserver(() => heard(document.querySelector('[data-uploads-words]').textContent))"
        ".observe(document.querySelector('[data-uploads-words]'), {childList: true})"
    )

    def break_once(route: Route) -> None:
        if route.request.method == "PATCH" and len(broken) < 2:
            broken.append(route.request.url)
            route.abort("connectionfailed")
        else:
            route.continue_()

    page.route(re.compile(r"/uploads/\d+/$"), break_once)
    page.get_by_label(re.compile("題名")).fill("夏まつりの写真です")
    page.locator("input[name=photos]").set_input_files(
        [photo("a.jpg"), photo("b.jpg", (3000, 2000), 6), photo("c.jpg")]
    )
    page.get_by_role("button", name="この内容で届ける").click()
    assert page.get_by_text("写真をのせ終わったら、このまま届けます。").is_visible()
    page.wait_for_url(re.compile(r"/posts/\d+/$"), timeout=60_000)
    assert page.get_by_role("heading", name="夏まつりの写真です").is_visible()
    assert page.locator("article.article img").count() == 3
    tall = page.locator("article.article img").nth(1)
    assert int(tall.get_attribute("height") or 0) > int(tall.get_attribute("width") or 0)
    assert len(broken) == 2
    said = "\n".join(words)
    assert "電波を待っています。つながったら、続きから送ります。" in said
    assert re.search(r"3枚中2枚目・\d+%", said)
    assert [text for text in complaints if "ERR_CONNECTION_FAILED" not in text] == []


def test_a_refused_file_says_why_and_the_others_are_there(page: Page) -> None:
    bad = {"name": "hen.jpg", "mimeType": "image/jpeg", "buffer": b"<html><script>alert(1)</script></html>"}
    page.locator("input[name=photos]").set_input_files([bad, photo("b.jpg")])
    page.get_by_text("2枚のうち1枚、のせました。").wait_for()
    assert page.get_by_text("hen.jpg：ウェブページは、のせられません。").is_visible()
    assert page.locator("[name=kept]").count() == 1
    assert serious_faults(page) == []


def test_without_script_the_form_sends_them_whole(stack: Stack, page_for: PageFor) -> None:
    page = page_for(PHONE, java_script_enabled=False)
    sign_in(stack, page, stack.login("officer", "tonan"), "tonan")
    page.goto(stack.url("/posts/new/", "tonan"))
    page.get_by_label(re.compile("題名")).fill("スクリプトなしの写真です")
    page.locator("input[name=photos]").set_input_files([photo("a.jpg")])
    page.get_by_role("button", name="この内容で届ける").click()
    assert page.get_by_role("heading", name="スクリプトなしの写真です").is_visible()
    assert page.locator("article.article img").count() == 1
