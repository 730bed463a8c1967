"""`Idempotency-Key` on every POST: sent again under its key, the same thing is answered as it was the first time.

As the IETF's draft has it (draft-ietf-httpapi-idempotency-key-header): a key is a quoted string, and one without quotes
is understood too; it is remembered for a day, for the calling account; with another body it is a 422. Only what was
done is remembered: after a refusal the same key begins anew. One that comes while the first is still at work waits.
A token is told once, under whatever key.
"""

import json
import re
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from controlplane.sending.content import digest_of
from controlplane.sending.models import KeyOfAnother, Taken

HEADER = "Idempotency-Key"
KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Under the same key, the same body sent again within a day is answered as before, and done once.",
)
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"', re.ASCII)
_PLAIN = re.compile(r"[!#-~]+", re.ASCII)
LONGEST = 255


class KeyUsed(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("このIdempotency-Keyは、別の内容で使われています。")
    default_code = "key_used"


class SentBefore(Exception):
    """Not an error: the answer is there already."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        told = json.loads(answer)
        self.response = Response(told["data"], status=told["status"])


def key_of(request: Request) -> str:
    """The caller's key, without its quotes; empty when there is none."""
    said = request.headers.get(HEADER, "").strip()
    quoted = _QUOTED.fullmatch(said)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else said
    if said and (not key or len(key) > LONGEST or not (quoted or _PLAIN.fullmatch(said))):
        raise exceptions.ParseError(_("Idempotency-Keyが読みとれません。"))
    return key


def claim(request: Request) -> Taken | None:
    """The mark of what is sent now, when it has a key. Raises SentBefore when it was done already."""
    key = key_of(request) if request.method == "POST" else ""
    if not key:
        return None
    content = digest_of([("to", request.get_full_path()), *_pairs(request.data)])
    try:
        taken = Taken.objects.claim(f"api {key}", account=request.user.pk, content=content)
    except KeyOfAnother as another:
        raise KeyUsed from another
    if taken.answer is not None:
        raise SentBefore(taken.answer)
    return taken


def settle(taken: Taken, response: HttpResponse) -> None:
    if isinstance(response, Response) and response.status_code < 400:
        told = {"status": response.status_code, "data": response.data}
        taken.remember(JSONRenderer().render(told).decode())
    else:
        taken.let_go()


def _pairs(data: Any) -> list[tuple[str, Any]]:
    if isinstance(data, QueryDict):  # a form, with its files among the values
        return [(name, value) for name in data for value in data.getlist(name)]
    return [("body", json.dumps(data, sort_keys=True))]
