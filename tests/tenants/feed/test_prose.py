"""People's words, read once: paragraphs, lists, links; the same for page, paper and mail."""

import pytest

from tenants.feed import prose
from web.templatetags.prose import excerpt, linked
from web.templatetags.prose import prose as as_html


def kinds(text):
    return [(block.kind, block.lines) for block in prose.blocks(text)]


def test_blank_lines_part_paragraphs_and_marks_make_lists():
    text = "持ち物です\n・軍手\n・ほうき\n\n1. 集まる\n２．掃く\n3) 帰る\r\n\r\nおわり"
    assert kinds(text) == [
        ("lines", ("持ち物です",)),
        ("points", ("軍手", "ほうき")),
        ("steps", ("集まる", "掃く", "帰る")),
        ("lines", ("おわり",)),
    ]


@pytest.mark.parametrize("line", ["-5度です", "8.5キロ", "1.5リットル", "7月26日", "--", "・", "1."])
def test_what_only_looks_like_a_mark_stays_a_line(line):
    assert kinds(line) == [("lines", (line,))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("見てhttps://example.jp/aですよ", ["https://example.jp/a"]),
        ("（https://example.jp/b）、http://example.jp。", ["https://example.jp/b", "http://example.jp"]),
        ("https://example.jp/w_(x)) と", ["https://example.jp/w_(x)"]),
        ("https://example.jp/?q=%E6%B8%85&n=1.", ["https://example.jp/?q=%E6%B8%85&n=1"]),
        ("javascript:alert(1) data:text/html,x ftp://example.jp //example.jp xhttps://example.jp", []),
        ("https://user:secret@example.jp/ https:// https://[::1 https://example.jp:0/", []),
        (f"https://example.jp/{'a' * 600}", []),
    ],
)
def test_only_addresses_of_the_web_are_links(text, found):
    assert prose.links(text) == found


def test_html_escapes_all_that_people_write():
    html = as_html('<b>太字</b> "x" https://example.jp/?a=1&b="><script>\n・<i>')
    assert html == (
        "<p>&lt;b&gt;太字&lt;/b&gt; &quot;x&quot; "
        '<a href="https://example.jp/?a=1&amp;b=" rel="nofollow noopener noreferrer ugc">https://example.jp/?a=1&amp;b=</a>'
        "&quot;&gt;&lt;script&gt;</p><ul><li>&lt;i&gt;</li></ul>"
    )
    assert linked(None) == as_html("") == ""


def test_a_mail_marks_every_item_the_same_way():
    assert prose.plain("- 軍手\n• 帽子\n\n１．集まる\n５．帰る") == "・軍手\n・帽子\n\n1. 集まる\n2. 帰る"


def test_the_beginning_stands_in_one_line():
    assert excerpt("持ち物\n・軍手\n・ほうき", 100) == "持ち物 軍手 ほうき"
    assert excerpt("あ" * 50, 10) == "あ" * 9 + "…"


@pytest.mark.parametrize(
    "text", ["・" * 20_000, "1." * 9_000, "http://" * 2_500, "(" * 20_000, "https://a.jp/" + ")" * 9_000]
)
def test_hostile_lengths_are_read_at_once(text):
    assert len(as_html(text)) < 20 * len(text) + 100
