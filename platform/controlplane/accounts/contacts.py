"""Contacts: an e-mail address or a Japanese mobile number, as people type them, brought to one form."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _


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
        text = unicodedata.normalize("NFKC", typed or "").strip()
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


def parse_email(typed: str) -> str:
    """Return the address in lower case and half width, or raise ValidationError."""
    text = unicodedata.normalize("NFKC", typed or "").strip().lower()
    if len(text) > 254:
        raise ValidationError(_("メールアドレスが長すぎます。"))
    try:
        validate_email(text)
    except ValidationError:
        raise ValidationError(_("メールアドレスの形になっていません。例：kaicho@example.jp")) from None
    return text


def parse_phone(typed: str) -> str:
    """Return any Japanese telephone number in E.164, or raise ValidationError."""
    text = re.sub(r"[‐‑–—―−ー]", "-", unicodedata.normalize("NFKC", typed or "")).strip()
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
