"""The papers: what is on them can be read back, rare names are drawn, and nobody's words are ever markup."""

import re
from typing import Any

import pypdfium2
import pytest

from provisioning.documents import flyer_pdf, manual_pdf, post_pdf

RARE = "𠮷田 槗本 髙橋 山﨑 渡邉"
URL = "https://tonan.kairan.example/posts/12/"
HOSTILE = [
    '#eval("1 + 1") #import "base.typ" #read("/etc/passwd") #panic()',
    "\\ \" ' ` $x^2$ *太字* _斜体_ <label> @ref [内] {中} // あと /* まえ */ = 見出し",
    "ﷺ ภาษาไทย हिन्दी",
]
BODY = "準備を手伝ってくださる方をさがしています。\n\nとき　8月1日（土）16時\nところ：桃山南公園\n\nお気軽にどうぞ。"


def text(pdf: bytes, *, page: int | None = None) -> str:
    """What the PDF says, without the places where its lines break."""
    document = pypdfium2.PdfDocument(pdf)
    pages = document if page is None else [document[page]]
    return re.sub(r"[\s\u200b\u2060\ufffe]", "", "".join(sheet.get_textpage().get_text_bounded() for sheet in pages))


def bare(words: str) -> str:
    return re.sub(r"\s", "", words)


def pages(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def drawn(pdf: bytes) -> list[Any]:
    """Every piece of text, as it is drawn on the pages."""
    sheets = list(pypdfium2.PdfDocument(pdf))
    only = [pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    return [item for sheet in sheets for item in sheet.get_objects(only, textpage=sheet.get_textpage())]


def post(**changes: object) -> bytes:
    words = {
        "association": "桃南会",
        "title": "夏まつりのお手伝いをお願いします",
        "kind": "回覧",
        "signature": "会長",
        "published": "7月15日（水）",
        "body": BODY,
        "url": URL,
    }
    return post_pdf(**(words | changes))  # type: ignore[arg-type]


def test_a_post_on_paper_says_all_of_it_and_where_it_stands() -> None:
    pdf = post(group="4組", homes=["中西さんのお宅", "木村さんのお宅"])
    said = text(pdf)
    for words in ("回覧", "桃南会", "4組", "夏まつりのお手伝いをお願いします", "会長", "7月15日（水）", URL):
        assert words in said
    for words in ("とき8月1日（土）16時", "ところ桃山南公園", "お気軽にどうぞ。"):
        assert words in said
    assert "中西木村組長へ" in said
    assert "4組・紙の2世帯" in said
    assert pages(pdf) == 1


def test_a_post_is_printed_large_but_for_its_address_and_foot() -> None:
    letters = drawn(post(homes=["中西"]))
    sizes = {item.extract(): item.get_font_size() * item.get_matrix().a for item in letters}
    small = "".join(words for words, size in sizes.items() if size < 18)
    assert set(bare(small)) <= set(URL + "回覧Kairan桃南会1／\u200b")
    assert max(sizes.values()) >= 27


def test_a_post_without_an_address_has_no_code_and_without_homes_no_boxes() -> None:
    said = text(post(url=""))
    assert "スマホで写すと" not in said
    assert "次のお宅へ" not in said


def test_many_homes_and_a_long_body_go_on_over_pages() -> None:
    pdf = post(body="町内の皆さまへ。" * 625, homes=[f"{number}番のお宅" for number in range(1, 61)])
    said = text(pdf)
    assert pages(pdf) >= 8
    assert said.count("町") == 625  # sentences go on across pages
    assert all(f"{number}番のお宅" in said for number in range(1, 61))
    assert f"1／{pages(pdf)}" in text(pdf, page=0)


def test_the_flyer_is_one_page_with_the_address_and_the_code() -> None:
    for name in ("桃南会", "醍醐西ハイツ自治会・桃山南第2町内会合同まちづくり自治連合会", "長" * 120):
        pdf = flyer_pdf(name, "https://tonan.kairan.example/i/ABCD-EFGH-JKLM/", "ABCD-EFGH-JKLM")
        said = text(pdf)
        assert pages(pdf) == 1
        for words in (name, "https://tonan.kairan.example/i/ABCD-EFGH-JKLM/", "招待番号ABCD-EFGH-JKLM", "したい方だけ"):
            assert words in said


def test_the_manual_tells_how_to_come_in_and_whom_to_call() -> None:
    office = ("伏見区役所 地域力推進室", "075-611-1144")
    pdf = manual_pdf("桃南会", "https://tonan.kairan.example/", "会長", "representative@example.jp", [office])
    assert 3 <= pages(pdf) <= 5
    for words in (
        "桃南会のページができました",
        "会長さん",
        "https://tonan.kairan.example/",
        "representative@example.jp",
    ):
        assert words in text(pdf, page=0)
    assert "電話075-611-1144" in text(pdf)
    assert "役員だけで" in text(pdf)
    assert "区役所・支所の担当" in text(manual_pdf("桃南会", "https://tonan.kairan.example/", "会長", "a@example.jp"))


def test_rare_kanji_are_drawn_and_can_be_read_back() -> None:
    for pdf in (
        post(title=RARE, body=RARE, homes=RARE.split()),
        flyer_pdf(RARE, URL, "A"),
        manual_pdf(RARE, URL, RARE, ""),
    ):
        assert bare(RARE) in text(pdf)
        names = {item.get_font().get_base_name().split("+")[-1] for item in drawn(pdf)}
        assert names <= {"NotoSansCJKjp-Regular", "NotoSansCJKjp-Bold"}


@pytest.mark.parametrize("words", HOSTILE)
def test_words_are_never_markup(words: str) -> None:
    expected = bare(words)
    papers = (
        post(title=words, body=f"{words}\n\n{words}", signature=words, kind=words, group=words, homes=[words]),
        flyer_pdf(words, URL, words),
        manual_pdf(words, URL, words, words, [(words, words)]),
    )
    for pdf in papers:
        if "ﷺ" in words:  # drawn as a box where no font knows it, but still a paper
            assert pdf.startswith(b"%PDF-")
        else:
            assert expected in text(pdf)


def test_what_paper_cannot_show_is_left_out() -> None:
    said = text(post(title="🎉夏まつり☀️", body="\u202eあした\u200d\x00\r\n晴れ\ue000😀"))
    assert "夏まつり☀" in said
    assert "あした晴れ〓" in said
    assert not re.search(r"[\U0001f000-\U0001faff\u202e\x00\ufe0f]", said)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("❌生ごみ", "×生ごみ"),
        ("✅かん・びん", "✓かん・びん"),
        ("1️⃣水を切る", "1水を切る"),
        ("ペット🚫", "ペット（禁止）"),
        ("🎆大会", "（打ち上げ花火）大会"),
        ("☎️075", "☎075"),
        ("👨‍👩‍👧で", "（家族・男性・女性・女の子）で"),
    ],
)
def test_a_picture_is_said_in_words(typed: str, printed: str) -> None:
    pdf = post(title=typed, body=typed)
    assert text(pdf).count(bare(printed)) == 2


def test_a_word_without_an_end_stays_on_the_paper() -> None:
    word = "x" * 400
    pdf = post(title=word[:120], body=f"{word}\n{word}", homes=[word[:60]])
    page = pypdfium2.PdfDocument(pdf)[0]
    width = page.get_width()
    assert all(item.get_bounds()[2] <= width - 40 for item in page.get_objects())
    assert word in text(pdf)
