"""Contacts: an e-mail address or a Japanese mobile number, as people type them, brought to one form."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import idna
import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

# The two carriers that gave out names against RFC 5321 until 2009: dots in a row, a dot at the end. They still work.
_LOOSE_DOMAIN = re.compile(r"(?:.+\.)?(?:docomo\.ne\.jp|ezweb\.ne\.jp|au\.com)")
_LOOSE_NAME = re.compile(r"[a-z0-9][a-z0-9._+-]*")
# Beside Unicode's format characters: joiners, fillers and variation selectors that no reader sees.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a code can be sent: `value` is a lower-case address or an E.164 number."""

    channel: Channel
    value: str

    @classmethod
    def parse(cls, typed: str) -> "Contact":
        """Read an address or number in any width and spacing; raise ValidationError in a neighbour's words."""
        text = plain(typed)
        if not text:
            raise ValidationError(_("メールアドレスか、携帯電話の番号を入れてください。"))
        return cls(Channel.MAIL, parse_email(text)) if "@" in text else cls(Channel.SMS, parse_mobile(text))

    @property
    def field(self) -> str:
        """The account's field it is kept in."""
        return "email" if self.channel == Channel.MAIL else "phone"

    @property
    def hinted(self) -> str:
        """Enough for whoever knows it, and too little for anybody else: k…@example.jp, …5678."""
        if self.channel == Channel.MAIL:
            name, _at, domain = self.value.partition("@")
            return f"{name[:1]}…@{domain}"
        return f"…{self.value[-4:]}"

    @property
    def shown(self) -> str:
        """As a person reads it: 090-1234-5678 rather than +819012345678."""
        if self.channel == Channel.MAIL:
            return self.value
        return show_phone(self.value)


def plain(typed: str) -> str:
    """What is seen of a contact that was typed or pasted, in half width, without the 。 of the sentence it stood in."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", typed or ""))
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip().rstrip("。、., ")


def parse_email(typed: str) -> str:
    """Return the address in lower case and half width, or raise ValidationError."""
    text = plain(typed).lower()
    if len(text) > 254:
        raise ValidationError(_("メールアドレスが長すぎます。"))
    name, at, domain = text.rpartition("@")
    if name[:1] == name[-1:] == '"' and _LOOSE_NAME.fullmatch(name[1:-1]):
        name = name[1:-1]  # as mail carries it; kept without, so that it is one address
    text = f"{name}{at}{_read_domain(domain.replace('。', '.'))}"
    try:
        validate_email(_without_loose_dots(text))
    except ValidationError:
        raise _no_address() from None
    return text


def _read_domain(domain: str) -> str:
    """The domain in the letters people read, if it is the very one mail would go to.

    What IDNA folds away, or its two editions encode differently (ß), would be shown as one domain and reach another.
    """
    if domain.isascii() and "xn--" not in domain:
        return domain
    try:
        read = idna.decode(domain)
        sent = idna.encode(read)
        agreed = read.encode("idna") == sent and idna.decode(sent) == read and (domain in {read, sent.decode()})
    except UnicodeError:  # idna's own error is one
        agreed = False
    if not agreed:
        raise _no_address()
    return read


def _without_loose_dots(address: str) -> str:
    """An address of the two carriers as it would be judged without its odd dots; any other as it is."""
    name, _at, domain = address.rpartition("@")
    if not (_LOOSE_DOMAIN.fullmatch(domain) and _LOOSE_NAME.fullmatch(name)):
        return address
    return f"{re.sub(r'[.]+', '.', name).rstrip('.')}@{domain}"


def _no_address() -> ValidationError:
    return ValidationError(_("メールアドレスの形になっていません。例：kaicho@example.jp"))


def mailbox(address: str) -> str:
    """The address as mail carries it: a name with odd dots stands in quotes (RFC 5321, 4.1.2)."""
    name, _at, domain = address.rpartition("@")
    return f'"{name}"@{domain}' if ".." in name or name.endswith(".") else address


def parse_phone(typed: str) -> str:
    """Return any Japanese telephone number in E.164, or raise ValidationError."""
    text = re.sub(r"[‐‑–—―−ー]", "-", plain(typed))
    try:
        number = phonenumbers.parse(text[:40], "JP")
    except phonenumbers.NumberParseException:
        raise ValidationError(_("電話番号の形になっていません。例：075-123-4567")) from None
    if not phonenumbers.is_valid_number(number) or number.country_code != 81:
        raise ValidationError(_("この電話番号は見つかりません。もう一度たしかめてください。"))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_mobile(typed: str) -> str:
    """Return a number that can receive a short message, or raise ValidationError."""
    value = parse_phone(typed)
    if not is_mobile(value):
        raise ValidationError(_("ショートメールは、携帯電話の番号（060・070・080・090）に届きます。"))
    return value


def is_mobile(value: str) -> bool:
    """Whether a number is a mobile one by the numbering plan: 0800 and 0120 are free of charge, 050 is none, 060 is."""
    try:
        number = phonenumbers.parse(value, "JP")
    except phonenumbers.NumberParseException:
        return False
    return number.country_code == 81 and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def show_phone(value: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.NATIONAL)
    except phonenumbers.NumberParseException:
        return value
