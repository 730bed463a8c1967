"""The page a request came from, as the browser tells: a header like any other, which may hold anything."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import escape_leading_slashes


def own_page(request: HttpRequest, *, but: str = "") -> str:
    """The path and question of a page of this host; nothing when it was none, or the page `but`, or nobody can tell."""
    try:
        said = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    if said.netloc != request.get_host() or said.path == but:
        return ""
    path = escape_leading_slashes(said.path or "/")  # //host/ would lead away from here
    return f"{path}?{said.query}" if said.query else path
