"""The OpenAPI document of each host, the page to browse it, and the answer for paths that are none."""

from functools import cache
from typing import Any

from django.http import Http404
from django.urls import URLPattern, path, re_path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import PublicView


class Document(SpectacularAPIView):
    authentication_classes = ()
    throttle_classes = PublicView.throttle_classes

    def _get_schema_response(self, request: Request) -> Response:
        return Response(_document(str(self.urlconf)))


class Browser(SpectacularSwaggerSplitView):
    """Scripts and styles come from our own host only, so the page's own few lines of style are a file as well."""

    authentication_classes = ()
    throttle_classes = PublicView.throttle_classes
    template_name = "api/docs.html"
    url_name = "api_schema"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        answer["Cross-Origin-Resource-Policy"] = "same-origin"  # the script carries a CSRF token
        return answer


class Nothing(PublicView):
    """Unknown paths below the API answer like everything else here, not with a page."""

    authentication_classes = ()
    http_method_names = ("get", "post", "put", "patch", "delete")

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        raise Http404

    post = put = patch = delete = get


def document_urls(urlconf: str) -> list[URLPattern]:
    """The last patterns of a host's API; the very last takes whatever ends in a slash."""
    return [
        path("schema/", Document.as_view(urlconf=urlconf), name="api_schema"),
        path("docs/", Browser.as_view(), name="api_docs"),
        re_path(r"^(?:[\s\S]*/)?\Z", Nothing.as_view()),
    ]


@cache
def _document(urlconf: str) -> Any:
    """The same for everybody, and worth a second of work: made once per process."""
    return SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
