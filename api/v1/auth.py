"""Signing in by code, for programs: a code is asked for, redeemed for a token, and the token given back."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rest_framework import serializers
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.permissions import SignedIn
from api.shapes import CodeField, LineField
from api.views import KairanView, PublicView, endpoint
from controlplane.accounts import limits
from controlplane.accounts.code_answers import Door, Outcome, WrongCode
from controlplane.accounts.contacts import Channel, Contact, parse_email, parse_mobile
from controlplane.accounts.login_codes import LoginCode
from controlplane.accounts.models import TOKEN_LIFE, ApiToken, User
from controlplane.staff.models import SecondFactor


class ContactShape(Serializer[Any]):
    """An e-mail address or a mobile number: one of the two."""

    email = serializers.CharField(max_length=254, required=False)
    phone = serializers.CharField(max_length=40, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("email" in attrs) == ("phone" in attrs):
            raise serializers.ValidationError(_("メールアドレスか電話番号の、どちらか1つを入れてください。"))
        name, read = ("email", _mail) if "email" in attrs else ("phone", _mobile)
        try:
            return attrs | {"contact": read(attrs[name])}
        except ValidationError as error:
            raise serializers.ValidationError({name: error.messages}) from error


class CodeShape(ContactShape):
    code = CodeField(max_length=20)


class TokenDraft(CodeShape):
    second_factor = serializers.CharField(
        max_length=40,
        required=False,
        help_text="Operators and city staff: the six digits of their app, or a recovery code.",
    )
    name = LineField(
        max_length=60, required=False, help_text="What the program is called: by it people know its token again."
    )


class SentShape(Serializer[Any]):
    outcome = serializers.ChoiceField(choices=[each.value for each in Outcome])
    sent_at = serializers.DateTimeField(help_text="When the code that is good was sent last.")
    good_until = serializers.DateTimeField()
    digits = serializers.IntegerField(help_text="6, or 12 where codes are asked for without end.")
    detail = serializers.CharField(help_text="What happened, in words to show.")


class TokenShape(Serializer[Any]):
    token = serializers.CharField(help_text="Shown once. Good on this host only.")
    expires_at = serializers.DateTimeField()


class Code(PublicView):
    authentication_classes = ()

    @endpoint("Send a six-digit code", takes=ContactShape, gives=SentShape, status=202)
    def post(self, request: Request) -> Response:
        """By mail or SMS. The answer is the same whether or not the contact is known.

        `again`: the code that is good went out once more. `still_good`: nothing was sent, the last one is good.
        `stopped`: no short message may go out now; use the mail. Where codes are asked for without end, the code has
        twelve digits and is good for a day.
        """
        contact = self.body(ContactShape)["contact"]
        site: Any = request.site
        sent = LoginCode.objects.send(
            contact,
            asked_from=limits.network_address(request.META),
            site_name=site.name if site else pgettext("product", "回覧"),
            host=site.host if site else settings.APEX_HOST,
            door=Door.PEOPLE if site else Door.STAFF,
            known=bool(site or User.objects.for_contact(contact)),
        )
        said = {"digits": sent.digits, "detail": sent.said(contact)}
        times = {"sent_at": sent.sent_at, "good_until": sent.good_until}
        return self.answer(SentShape, {"outcome": sent.outcome.value} | times | said, status=202)


class Token(KairanView):
    is_told_again = False  # a code opens once: whoever has seen it is not told its token afterwards

    def get_permissions(self) -> list[BasePermission]:
        return [SignedIn() if self.request.method == "DELETE" else AllowAny()]

    @endpoint("Redeem a code for a token", takes=TokenDraft, gives=TokenShape)
    def post(self, request: Request) -> Response:
        """On a site a first sign-in makes the account; on the apex host accounts are made by operations.

        A token lives for 90 days, one of operators and city staff as long as a session of theirs: 12 hours.
        """
        given = self.body(TokenDraft)
        redeem(request, given)
        user = _account(request, given["contact"])
        if request.site is None:
            _show_second_factor(user, given.get("second_factor", ""))
        life = TOKEN_LIFE if request.site else settings.STAFF_SESSION
        token, secret = ApiToken.objects.issue(user, name=given.get("name", ""), life=life)
        return self.answer(TokenShape, {"token": secret, "expires_at": token.expires_at})

    @endpoint("Give the calling token back", status=204)
    def delete(self, request: Request) -> Response:
        if isinstance(request.auth, ApiToken):
            request.auth.delete()
        return Response(status=204)


def redeem(request: Request, given: Mapping[str, Any]) -> None:
    """Use up the code of a CodeShape. Raises WrongCode, TooManyCodes."""
    door = Door.PEOPLE if request.site else Door.STAFF
    address = limits.network_address(request.META)
    LoginCode.objects.redeem(given["contact"], given["code"], tried_from=address, door=door)


def _account(request: Request, contact: Contact) -> User:
    if request.site is not None:
        return User.objects.proven(contact)
    user = User.objects.for_contact(contact)
    if user is None:
        raise WrongCode
    return user


def _show_second_factor(user: User, typed: str) -> None:
    """Staff get a token with both factors only; who has none yet sets it up on the pages first."""
    own = SecondFactor.objects.of(user)
    if own.is_set_up:
        own.check_code(typed)
    elif settings.STAFF_SECOND_FACTOR:
        raise serializers.ValidationError({"second_factor": _("先に画面から入って、守りをつくってください。")})


def _mail(typed: str) -> Contact:
    return Contact(Channel.MAIL, parse_email(typed))


def _mobile(typed: str) -> Contact:
    return Contact(Channel.SMS, parse_mobile(typed))
