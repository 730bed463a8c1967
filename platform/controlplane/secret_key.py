"""The one key that signs all tokens and sessions: what would be guessed is refused before anything is served."""

from environs import ValidationError

LENGTH, LETTERS = 50, 5
TELLTALES = ("insecure", "changeme", "change-me", "example", "secret_key", "secret-key")


def must_be_strong(key: str) -> None:
    weak = len(key) < LENGTH or len(set(key)) < LETTERS or any(word in key.lower() for word in TELLTALES)
    if weak:
        raise ValidationError(
            f"SECRET_KEY has to be {LENGTH} random characters or more and of your own making: "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
