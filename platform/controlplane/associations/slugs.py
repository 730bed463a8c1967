"""Slugs: the subdomain of an association. Plain ASCII, not reserved, never reused."""

import re
import unicodedata

import jaconv
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

RESERVED = frozenset(
    """about account admin api app apps apex assets auth billing blog calendar cdn chat city dashboard demo dev dns docs
    download email files ftp gov help host images imap kairan kyoto login lg lp mail manage media mx news ns ns1 ns2
    official operations ops pop post public root s3 sakai security shop smtp ssl staff staging static status stripe
    support system test tls vpn webhook webhooks webmail wiki www""".split()
)
_KIND = re.compile(r"(?:(?:じち|ちょうない)?れんごう)?(?:じちかい|ちょうないかい|ちょうかい|きょうぎかい|かい)$")
_SLUG = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,38}[a-z0-9]\Z")


def validate_slug(value: str) -> None:
    """Raise ValidationError unless `value` is 3-40 of a-z, 0-9 and single inner hyphens, and not reserved."""
    if value != unicodedata.normalize("NFKC", value) or not _SLUG.match(value):
        raise ValidationError(_("半角の小文字・数字・ハイフンで3〜40文字です。英字で始めてください。例：tonan"))
    if value in RESERVED or value.startswith("xn--"):
        raise ValidationError(_("この名前は使えません。ほかの名前にしてください。"))


def slug_from_kana(kana: str) -> str:
    """ふじしろだいじちかい → fujishirodai: a proposal for a slug, or "" when the reading makes none."""
    plain = jaconv.kata2hira(unicodedata.normalize("NFKC", kana)).replace("ー", "").replace(" ", "")
    reading = _KIND.sub("", plain)
    letters = re.sub(r"[^a-z0-9]", "", jaconv.kana2alphabet(reading).lower())[:34]
    try:
        validate_slug(letters)
    except ValidationError:
        return ""
    return letters
