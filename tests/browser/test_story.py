"""The whole road, walked in a browser on the real stack: from the entry form to the city's dashboard."""

import io
import re

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, PageFor, Stack, enter_code, sign_in

pytestmark = pytest.mark.slow

NAME = "深草第3町内会"
SLUG = "fukakusa3"
CHAIR = "kaicho@fukakusa3.example.jp"
MOBILE = "090-2222-3333"
E164 = "+819022223333"
TITLE = "公園の清掃のお知らせ"


def test_from_the_entry_form_to_the_city_s_dashboard(stack: Stack, page_for: PageFor) -> None:
    apply(stack, page_for(PHONE))
    approve(stack, page_for(DESK))
    chair = page_for(PHONE)
    invitation = begin(stack, chair)
    neighbour = page_for(PHONE)
    register_by_invitation(stack, neighbour, invitation)
    read_and_answer(stack, neighbour)
    admit_somebody_without_an_invitation(stack, page_for(PHONE), chair)
    upgrade(stack, chair)
    watch(stack, page_for(DESK))


def apply(stack: Stack, page: Page) -> None:
    """The representative, on a phone: the address fills itself in, the mail is proven while the form is open."""
    page.goto(stack.url("/apply/"))
    page.get_by_label("団体の名前").fill(NAME)
    page.get_by_label("よみがな").fill("ふかくさだいさんちょうないかい")
    page.get_by_role("radio", name="自治会・町内会").check()
    page.get_by_label("郵便番号").fill("６１２－０８８２")
    page.get_by_role("button", name="住所を入れる").click()
    expect(page.get_by_text("見つかりました")).to_be_visible()
    expect(page.get_by_role("textbox", name=re.compile("^住所"))).to_have_value(re.compile("京都市伏見区"))
    page.get_by_label("加入世帯数").fill("310")
    page.get_by_role("button", name="次へ（代表者の連絡先）").click()
    page.get_by_label("代表者のお名前").fill("会長")
    page.get_by_label("電話番号").fill("０７５-６４２-３２０３")
    page.get_by_label("メールアドレス").fill(CHAIR)
    page.get_by_role("button", name="番号を受け取る").click()
    page.get_by_label("6けたの番号").fill("000000")
    page.get_by_role("button", name="たしかめる").click()
    expect(page.locator(".error")).to_be_visible()
    page.get_by_label("6けたの番号").fill(stack.code(CHAIR))
    page.get_by_role("button", name="たしかめる").click()
    expect(page.get_by_text("メールが届くことを、たしかめました")).to_be_visible()
    page.get_by_role("button", name="この内容で申し込む（無料）").click()
    expect(page).to_have_url(re.compile("/apply/.+/"))
    expect(page.get_by_text(NAME).first).to_be_visible()


def approve(stack: Stack, page: Page) -> None:
    """Operations: the queue, an address, and the steps going by."""
    sign_in(stack, page, stack.login("operator"))
    page.get_by_role("link", name=NAME).click()
    slug = page.get_by_label("アドレスの名前")
    slug.fill("www")
    page.get_by_role("button", name="承認して、ページを作る").click()
    expect(page.locator(".error")).to_be_visible()
    page.get_by_label("アドレスの名前").fill(SLUG)
    page.get_by_role("button", name="承認して、ページを作る").click()
    expect(page.get_by_text("公開しました").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("代表者に手順書を送る")).to_be_visible()


def begin(stack: Stack, page: Page) -> str:
    """The representative gets the manual, walks in, writes a notice with a photo, plans an event, invites."""
    mail = stack.mail(CHAIR, "のページができました")
    assert stack.url("/", SLUG) in mail["body"]
    assert [a["name"] for a in mail["attachments"]] == ["kairan-manual.pdf"]
    sign_in(stack, page, CHAIR, SLUG)
    page.goto(stack.url("/posts/new/", SLUG))
    page.get_by_label("回覧").check()
    page.get_by_label("題名").fill(TITLE)
    page.get_by_label("本文").fill("土曜の朝8時から、公園を清掃します。")
    page.locator("input[name=photos]").set_input_files(
        {"name": "公園.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.get_by_role("button", name="この内容で届ける").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.locator("main img").first).to_be_visible()
    page.goto(stack.url("/calendar/new/", SLUG))
    page.get_by_label("行事の名前").fill("公園の清掃")
    page.get_by_label("日にち").fill("2027-05-08")
    page.get_by_label("ところ").fill("公園")
    page.locator("main form button.primary").click()
    expect(page.get_by_text("公園の清掃").first).to_be_visible()
    page.goto(stack.url("/members/invitations/", SLUG))
    page.get_by_role("button", name="招待を作る").click()
    return str(page.locator("#link a").get_attribute("href"))


def register_by_invitation(stack: Stack, page: Page, link: str) -> None:
    """A neighbour with a mobile phone: the QR code's link, a short message, name and home."""
    page.goto(link)
    page.get_by_role("button", name="招待を受けて登録する").click()
    enter_code(stack, page, MOBILE, to=E164)
    page.get_by_label("お名前").fill("会員 1")
    page.get_by_role("textbox", name=re.compile("^住所")).fill("京都市伏見区深草")
    page.get_by_label("郵便番号").fill("612-0882")
    page.get_by_role("button", name="登録する").last.click()
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()


def read_and_answer(stack: Stack, page: Page) -> None:
    """A read receipt, a reaction, a comment, an answer to the event: each one tap."""
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("button", name="見ました（はんこを押す）").click()
    expect(page.get_by_text(re.compile("さんのお宅は見ました"))).to_be_visible()
    page.get_by_role("button", name=re.compile("手伝えます")).click()
    expect(page.get_by_role("button", name=re.compile("手伝えます"))).to_have_attribute("aria-pressed", "true")
    page.get_by_label("コメントを書く").fill("2人で行けます。")
    page.get_by_role("button", name="コメントを送る").click()
    expect(page.get_by_text("2人で行けます。")).to_be_visible()
    page.goto(stack.url("/calendar/?month=2027-05", SLUG))
    page.get_by_role("button", name="参加する", exact=True).first.click()
    expect(page.get_by_role("button", name="参加する", exact=True).first).to_have_attribute("aria-pressed", "true")
    page.goto(stack.url("/", SLUG))
    expect(page.locator(".seal").first).to_be_visible()


def admit_somebody_without_an_invitation(stack: Stack, page: Page, chair: Page) -> None:
    sign_in(stack, page, "kaiin2@fukakusa3.example.jp", SLUG)
    page.get_by_label("お名前").fill("会員 2")
    page.get_by_label("郵便番号").fill("612-0882")
    page.get_by_role("textbox", name=re.compile("^住所")).fill("京都市伏見区深草")
    page.get_by_role("button", name="登録する").last.click()
    expect(page).to_have_url(re.compile("/waiting/"))
    told = stack.mail(CHAIR, "に登録した方がいます")
    assert stack.url("/members/waiting/", SLUG) in told["body"]
    chair.goto(stack.url("/members/waiting/", SLUG))
    chair.get_by_role("button", name=re.compile("承認")).first.click()
    stack.mail("kaiin2@fukakusa3.example.jp", "登録が承認されました")
    page.goto(stack.url("/", SLUG))
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()


def upgrade(stack: Stack, page: Page) -> None:
    """The ledger is offered, paid for at the checkout, granted by the webhook, and shows who was reached."""
    page.goto(stack.url("/", SLUG))
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="どの世帯に届いたか").click()
    page.get_by_role("link", name="プランを見る").click()
    page.get_by_role("button", name=re.compile("「標準」を申し込む")).click()
    page.get_by_role("button", name=re.compile("支払う")).click()
    page.wait_for_url(re.compile(r"/plan/"))
    expect(page.get_by_text(re.compile("標準")).first).to_be_visible(timeout=30_000)
    page.goto(stack.url("/", SLUG))
    page.get_by_role("link", name=TITLE).click()
    ledger = page.get_by_role("link", name="どの世帯に届いたか")
    for _again in range(30):
        ledger.click()
        if not page.get_by_role("link", name="プランを見る").is_visible():
            break
        page.wait_for_timeout(500)
        page.go_back()
    expect(page.get_by_text("まだ分からない").first).to_be_visible()


def watch(stack: Stack, page: Page) -> None:
    """City staff see the new association as numbers, and none of its words."""
    sign_in(stack, page, stack.login("city"))
    expect(page.get_by_role("heading", name="自治会・町内会への広がり")).to_be_visible()
    expect(page.get_by_text(NAME)).to_be_visible()
    expect(page.get_by_text(TITLE)).to_have_count(0)
    assert "/sign-in/" in stack.get("/city/").url


def picture() -> bytes:
    image = Image.new("RGB", (800, 500), "#c2e5d1")
    ImageDraw.Draw(image).ellipse((300, 150, 500, 350), fill="#197a4b")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
