"""Passkeys (WebAuthn), bound to the apex host: what the browser is asked, and whether its answer is good."""

import json
from collections.abc import Iterable

import webauthn
from django.conf import settings
from django.utils.crypto import salted_hmac
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from controlplane.tenancy import routing

MOST_LETTERS = 20_000  # of an answer; a real one has some hundreds


class BadPasskey(ValueError):
    """The browser's answer does not hold: another challenge, another host, another key, a broken signature."""


def to_make(user_id: int, name: str, known: Iterable[bytes]) -> tuple[str, str]:
    """(options for the browser as JSON, the challenge to remember). A device in `known` is not asked twice."""
    options = webauthn.generate_registration_options(
        rp_id=settings.APEX_HOST,
        rp_name="回覧 Kairan",
        user_id=salted_hmac("kairan.staff.passkey", str(user_id), algorithm="sha256").digest(),
        user_name=name,
        user_display_name=name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def made(answer: str, challenge: str) -> VerifiedRegistration:
    """The new key. Raises BadPasskey."""
    try:
        return webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=settings.APEX_HOST,
            expected_origin=routing.apex_url(""),
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise BadPasskey(str(error)) from error


def to_show(known: Iterable[bytes]) -> tuple[str, str]:
    """(options for the browser as JSON, the challenge to remember)."""
    options = webauthn.generate_authentication_options(
        rp_id=settings.APEX_HOST, allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known]
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def credential_of(answer: str) -> bytes:
    """Which key the browser says it used. Raises BadPasskey."""
    try:
        return base64url_to_bytes(str(_read(answer)["id"]))
    except (ValueError, TypeError, KeyError) as error:
        raise BadPasskey(str(error)) from error


def shown(answer: str, challenge: str, *, public_key: bytes, uses: int) -> int:
    """The key's new count of uses; a copied key falls behind it. Raises BadPasskey."""
    try:
        return webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=settings.APEX_HOST,
            expected_origin=routing.apex_url(""),
            credential_public_key=public_key,
            credential_current_sign_count=uses,
        ).new_sign_count
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise BadPasskey(str(error)) from error


def _read(answer: str) -> dict[str, object]:
    given = json.loads(answer) if len(answer) <= MOST_LETTERS else None
    if not isinstance(given, dict):
        raise BadPasskey("Not an answer of a browser.")
    return given
