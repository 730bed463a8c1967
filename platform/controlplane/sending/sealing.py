"""What is kept of somebody's words is sealed with what only their browser or program knows: the table alone is worth
nothing, not even with SECRET_KEY."""

import zlib
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def seal(text: str, *, secret: str) -> str:
    return _box(secret).encrypt(zlib.compress(text.encode())).decode()


def unseal(sealed: str, *, secret: str) -> str | None:
    """The text, or None when it was sealed under another secret."""
    try:
        return zlib.decompress(_box(secret).decrypt(sealed)).decode()
    except InvalidToken:
        return None


def digest(*parts: str) -> str:
    """By which something is found again without being written down."""
    return sha256("\0".join(("kairan.sending.digest", *parts)).encode()).hexdigest()


def _box(secret: str) -> Fernet:
    key = sha256(f"kairan.sending.seal:{settings.SECRET_KEY}:{secret}".encode()).digest()
    return Fernet(urlsafe_b64encode(key))
