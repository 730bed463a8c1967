"""What catalogue.html shows: sample context for every component, for the one who draws. Development only."""

import datetime as dt
from pathlib import Path
from typing import Any

from django import forms

from web.forms import Choices, CodeInput, CountField, FilesField, KairanForm, NormalizedCharField, ProseField, Switch

ICONS = Path(__file__).parent / "templates/cotton/icon"
JULY_2026 = range(1, 32)
MONTHS = [f"{month}月" for month in (8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7)]
SHARES = [10, 11, 12, 13, 14, 15, 16, 18, 22, 24, 25, 27]


class SampleForm(KairanForm):
    name = NormalizedCharField(label="お名前", max_length=20)
    kana = NormalizedCharField(label="よみがな", required=False)
    email = forms.EmailField(label="メールアドレス", help_text="例：name@example.jp")
    group = forms.ChoiceField(
        label="組",
        choices=[("1", "1組"), ("2", "2組"), ("3", "3組"), ("4組から6組", [("4", "4組"), ("5", "5組"), ("6", "6組")])],
        widget=Choices(layout="three"),
    )
    home = forms.ChoiceField(
        label="おうちの登録",
        choices=[("first", "うちでは、わたしが初めて"), ("joined", "家族がもう登録している")],
        widget=Choices(notes={"first": "あとから家族を足せます", "joined": "家族の番号で同じ家につなぎます"}),
    )
    households = CountField(label="加入世帯数", unit="世帯", help_text="おおよそで結構です。", min_value=1)
    ward = forms.ChoiceField(label="区・支所", choices=[("", "えらぶ"), ("fushimi", "伏見区")], required=False)
    body = ProseField(label="本文", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    code = forms.CharField(label="6けたの番号", widget=CodeInput, help_text="10分のあいだ使えます。")
    photos = FilesField(label="写真", required=False)
    remember = forms.BooleanField(
        label="このスマホでは次から番号なし", help_text="家族のほかに使う人がいないとき", required=False
    )
    comments_open = forms.BooleanField(label="コメントを受け付ける", widget=Switch, required=False)


def sample() -> dict[str, Any]:
    return {
        "member": {"household": {"name": "会員1"}},
        "posts": posts(),
        "moment": dt.datetime(2026, 7, 26, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=9))),
        "holiday": dt.date(2026, 7, 20),
        "weeks": weeks(),
        "form": SampleForm({"name": "会員1", "email": "member", "home": "first", "households": "百"}),
        "year": list(zip(MONTHS, SHARES, strict=True)),
        "values": SHARES,
        "icons": sorted(path.stem for path in ICONS.glob("*.html")),
    }


def posts() -> list[dict[str, Any]]:
    """A circular nobody opened, a report that was seen, and the city's paper."""
    at = dt.datetime(2026, 7, 26, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    circular = {
        "pk": 1,
        "kind": "circular",
        "get_kind_display": "回覧",
        "pinned": True,
        "title": "夏まつりのお手伝いをお願いします",
        "body": "8月1日（土）の夏まつり、準備と片付けを手伝ってくださる方をさがしています。1時間だけでも助かります。",
        "as_seat": "会長",
        "publish_at": at,
        "documents": [{}],
    }
    report = {
        "pk": 2,
        "kind": "report",
        "get_kind_display": "活動報告",
        "title": "42人で公園の草を刈りました",
        "body": "朝8時、すずしいうちに始めて1時間。子どもたちも袋を持ってくれました。ありがとうございました。",
        "as_seat": "環境委員",
        "publish_at": at,
        "opened": True,
        "read_at": at,
        "photos": [{"pk": 1, "said": "公園で、ほうきと袋を持って掃除をする人たち"}],
        "reaction_counts": {"thanks": 26},
        "comment_count": 5,
    }
    paper = {
        "pk": 3,
        "kind": "notice",
        "get_kind_display": "お知らせ",
        "source": "city",
        "get_source_display": "市から",
        "source_name": "京都市",
        "title": "市民しんぶん 7月15日号",
        "body": "熱中症をふせぐ「すずみどころ」の場所、伏見区の夏の催し、大型ごみの申し込み方など。",
        "publish_at": at,
    }
    return [circular, report, paper]


def weeks() -> list[list[dict[str, Any] | None]]:
    cells: list[dict[str, Any] | None] = [None] * 3 + [day(number) for number in JULY_2026] + [None]
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def day(number: int) -> dict[str, Any]:
    busy = number in {5, 12, 15, 18, 20, 25, 26, 31}
    return {
        "number": number,
        "href": f"#d{number}" if busy else "",
        "kind": {0: "sat", 1: "sun"}.get((number + 3) % 7, "") if number != 20 else "sun",
        "today": number == 18,
        "due": number == 31,
        "label": "きょう 18日 予定あり" if number == 18 else "",
    }
