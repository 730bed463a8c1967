"""How somebody is in while they do something: at which site, in a browser's session or with a program's token."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import pgettext

from controlplane.accounts.browsers import Browser
from controlplane.tenancy.routing import Site, apex_url

if TYPE_CHECKING:
    from controlplane.accounts.models.tokens import ApiToken


@dataclass(frozen=True, slots=True)
class Way:
    """What ends somebody's other ways in spares this one; letters about it name its device and lead to its site."""

    site: Site | None = None  # None at the apex host
    session: SessionBase | None = None
    token: "ApiToken | None" = None
    browser: Browser = field(default_factory=Browser)

    @classmethod
    def of(cls, request: Any) -> "Way":
        """Of a request of Django's or of the API's."""
        token = getattr(request, "auth", None)
        if token is not None:
            return cls(request.site, token=token, browser=Browser("", token.name))
        return cls(request.site, request.session, browser=Browser.read(request.headers.get("User-Agent", "")))

    @property
    def session_key(self) -> str:
        return str(self.session.session_key or "") if self.session is not None else ""

    @property
    def token_id(self) -> int | None:
        return self.token.pk if self.token else None

    @property
    def site_name(self) -> str:
        return self.site.name if self.site else pgettext("product", "回覧")

    def url(self, path: str) -> str:
        return self.site.url(path) if self.site else apex_url(path)
