"""Demonstration data: the real associations of two public documents, provisioned through the real pipeline.

People are roles (会員1, 3組 組長), never biographies; counts are the published ones (April 2024; March 2022 for Sakai).
"""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

FOLDER = resources.files(__package__)


@dataclass(frozen=True)
class Example:
    """One published association. `households` of the Sakai council is its number of member districts."""

    slug: str
    name: str
    kana: str
    kind: str
    city: str
    ward: str
    households: int
    registered: int
    groups: list[str]
    postal_code: str
    address: str
    phone: str

    @property
    def officer_email(self) -> str:
        return f"officer@{self.slug}.example.jp"

    @property
    def member_email(self) -> str:
        return f"member@{self.slug}.example.jp"


# Slug, postal code and telephone (of no real exchange) are ours to choose; everything else is published.
_PLACES = {
    "樫原自治連合会": ("katagihara", "615-8106", "京都市西京区樫原杉原町"),
    "市原野自治連合会": ("ichiharano", "601-1123", "京都市左京区静市市原町"),
    "桃南会": ("tonan", "612-8016", "京都市伏見区桃山町"),
    "藤城台自治会": ("fujishirodai", "612-8113", "京都市伏見区深草大亀谷"),
    "南区自治連合協議会": ("sakai-minami", "590-0141", "堺市南区桃山台"),
}


def examples() -> list[Example]:
    return [_example(row) for row in _read("associations.json")]


def offices() -> dict[str, Any]:
    """Kyoto's 14 offices and its support centre, as published."""
    data: dict[str, Any] = _read("kyoto_offices.json")
    return data


def _example(row: dict[str, Any]) -> Example:
    slug, postal_code, address = _PLACES[row["name"]]
    number = row["groups"] or row["member_associations"]
    return Example(
        slug=slug,
        name=row["name"],
        kana=row["kana"],
        kind=row["kind"],
        city=row["city"],
        ward=row["ward"],
        households=row["households"] or number,
        registered=row["registered"],
        groups=[_group(row["members_label"], n) for n in range(1, number + 1)],
        postal_code=postal_code,
        address=address,
        phone=f"+8175000{postal_code[-4:]}",
    )


def _group(label: str, number: int) -> str:
    return f"{number}組" if label == "組" else f"第{number}{label}"


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())
