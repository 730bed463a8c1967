"""The six digits of an authenticator app (TOTP): its secret, what its QR code says, which digits hold when."""

import hmac
import re

import pyotp
from django.utils import timezone

from controlplane.staff.sealing import seal, unseal

STEP = 30  # seconds that six digits live; those before and after are taken too


def new_secret() -> str:
    """A secret for an app, sealed, to be kept until its first digits are typed."""
    return seal(pyotp.random_base32())


def address(sealed: str, name: str) -> tuple[str, str]:
    """(what the QR code says, the secret as it is typed by hand, in groups of four)."""
    secret = unseal(sealed) or ""
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="回覧 Kairan")
    return uri, " ".join(re.findall(".{1,4}", secret))


def used_step(sealed: str, digits: str, *, after: int) -> int | None:
    """The step these digits stand for, now or one to either side, if it comes after the last one used."""
    secret = unseal(sealed) if sealed else None
    if secret is None:
        return None
    totp, now = pyotp.TOTP(secret), int(timezone.now().timestamp()) // STEP
    near = (step for step in (now - 1, now, now + 1) if step > after)
    return next((step for step in near if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())), None)
