"""Hosts an association may bring itself: what people type becomes one plain DNS name, or a sentence saying why not."""

import ipaddress
import re
import unicodedata
from functools import cache

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from publicsuffixlist import PublicSuffixList

# Latin without accents, kana and kanji: what .jp registers. No letter of another script passes for one of these.
_LABEL = re.compile(r"[a-z0-9\-ぁ-ゖァ-ヺー々〇一-鿿㐀-䶿]+\Z")
_DOTS = str.maketrans("。｡．", "...")


def parse_host(text: str) -> str:
    """Return the host in the form DNS knows (`xn--…` for Japanese names), or raise ValidationError."""
    host = _bare(text)
    if not host:
        raise ValidationError(_("アドレスを入れてください。例：www.tonan-kai.jp"))
    if _is_number(host):
        raise ValidationError(_("数字だけのアドレス（IPアドレス）は使えません。名前のアドレスを入れてください。"))
    labels = [_label(each) for each in host.split(".")]
    name = _encoded(".".join(labels))
    _must_be_their_own(name)
    return name


def shown_host(host: str) -> str:
    """The host as people write it: Japanese instead of `xn--…`."""
    try:
        return idna.decode(host)
    except idna.IDNAError:
        return host


def _bare(text: str) -> str:
    """Without https:// in front and the slash behind, as copied from a browser's bar."""
    plain = unicodedata.normalize("NFKC", text.strip().translate(_DOTS)).lower()
    return re.sub(r"^https?://", "", plain).removesuffix("/").removesuffix(".")


def _is_number(host: str) -> bool:
    """127.0.0.1, ::1, and the spellings that programs take for one: 2130706433, 0x7f.1."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(re.fullmatch(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", host))
    return True


def _label(label: str) -> str:
    """One part between dots, in the letters people read."""
    if len(label) > 63:
        raise ValidationError(_("点と点のあいだは、63文字までです。"))
    try:
        read = idna.decode(label) if label.startswith("xn--") else label
    except idna.IDNAError as error:
        raise ValidationError(_("「xn--」のあとが、正しくありません。日本語のまま入れてもかまいません。")) from error
    if not _LABEL.match(read):
        raise ValidationError(
            _("アドレスの名前だけを、英数字・ハイフン・かな・漢字で入れてください。例：www.tonan-kai.jp")
        )
    return read


def _encoded(host: str) -> str:
    try:
        name = idna.encode(host).decode()
    except idna.IDNAError as error:
        raise ValidationError(
            _("このアドレスは、インターネットの決まりに合いません。長さやハイフンの場所をたしかめてください。")
        ) from error
    if len(name) > 246:  # leaves room for the record's own label in front
        raise ValidationError(_("アドレスが長すぎます。"))
    return name


def _must_be_their_own(name: str) -> None:
    if name == settings.APEX_HOST or name.endswith(f".{settings.APEX_HOST}"):
        raise ValidationError(_("%(apex)sのアドレスは、ここでは足せません。") % {"apex": settings.APEX_HOST})
    suffix = _suffixes().publicsuffix(name)
    if suffix is None:
        raise ValidationError(_("この終わり方のアドレスは、インターネットにありません。つづりをたしかめてください。"))
    if suffix == name:
        raise ValidationError(
            _("「%(host)s」は、みんなで使う終わりの部分です。会の名前が入ったアドレスを入れてください。")
            % {"host": name}
        )


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
