"""Who is calling: a bearer token of this very site, or the browser's session."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from controlplane.accounts.models import ApiToken, User
from controlplane.staff import sessions


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token <secret>`. Looked up in the bound schema, so another site's token is unknown here."""

    keyword = "Token"

    @classmethod
    def secret_in(cls, headers: Mapping[str, str]) -> str | None:
        """The secret a request shows, or None when it shows something else."""
        keyword, _space, secret = headers.get("Authorization", "").partition(" ")
        return secret.strip() if keyword.lower() == cls.keyword.lower() else None

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        secret = self.secret_in(request.headers)
        if secret is None:
            return None
        token = ApiToken.objects.alive(secret)
        if token is None or (request.site is None and not sessions.token_stands(token)):
            raise AuthenticationFailed(_("このトークンは使えません。"))
        token.user.saw_today()
        token.used_today()
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class NotFromOurPages(APIException):
    """What our own pages send has their CSRF token with it. The one 403: no 404 would keep anything secret here."""

    status_code = 403
    default_code = "csrf"
    default_detail = gettext_lazy("X-CSRFToken に、ページの csrfmiddlewaretoken を入れて送ってください。")


class WebSession(SessionAuthentication):
    """The web's session, with its CSRF check; anonymous callers still get 401, not 403."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise NotFromOurPages from error

    def authenticate_header(self, request: Request) -> str:
        return TokenAuthentication.keyword


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <secret>"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = WebSession
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        said = "What changes something also sends `X-CSRFToken`: the `csrfmiddlewaretoken` of any page of the host."
        return {"type": "apiKey", "in": "cookie", "name": "__Host-session", "description": said}
