"""What every page's frame needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from web import keeping

TEXT_SIZES = ("large", "xlarge")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Who asks and where, languages, what was kept of forms, and the reader's text size ('' | large | xlarge)."""
    text = request.COOKIES.get("text", "")
    return {
        "site": getattr(request, "site", None),
        "member": getattr(request, "member", None),
        "operator": getattr(request, "operator", None),
        "city_staff": getattr(request, "city_staff", None),
        "support": getattr(request, "support", None),
        "languages": settings.LANGUAGES,
        "kept_forms": SimpleLazyObject(lambda: keeping.waiting(request)),
        "text_size": text if text in TEXT_SIZES else "",
    }
