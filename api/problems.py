"""Errors as RFC 9457 problem details: type, title, status, detail, and errors by field.

Whatever a verb refuses becomes an answer here, so that views need no try blocks.
"""

from collections.abc import Callable
from math import ceil
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from billing.gateway import BadSignature, GatewayError, GatewayUnavailable
from billing.plans import plan_with
from controlplane.accounts.code_answers import WrongCode, wrong_code
from controlplane.accounts.login_codes import TooManyCodes
from controlplane.associations.features import FeatureOff
from controlplane.staff.models import Paused, WrongFactor
from controlplane.tenancy.storage import StorageUnavailable
from controlplane.versioned import EditedMeanwhile
from provisioning.models import NotOpen
from tenants.members.models import AlreadyRegistered, BadInvitation

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: gettext_lazy("入力をたしかめてください"),
    401: gettext_lazy("サインインが必要です"),
    402: gettext_lazy("有料の機能です"),
    403: gettext_lazy("このページから送ったものではありません"),
    404: gettext_lazy("見つかりません"),
    405: gettext_lazy("この操作はできません"),
    406: gettext_lazy("この形式では答えられません"),
    409: gettext_lazy("もう決まっています"),
    413: gettext_lazy("大きすぎます"),
    415: gettext_lazy("この形式は受け取れません"),
    422: gettext_lazy("同じ鍵で、別のものが届きました"),
    429: gettext_lazy("少し時間をおいてください"),
    503: gettext_lazy("いま使えません"),
}


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class TooMany(exceptions.Throttled):
    """429 in one language: REST framework puts an English sentence behind ours."""

    default_detail = gettext_lazy("たくさん来たので、少し休んでいます。%(seconds)s秒おいて、もう一度ためしてください。")
    extra_detail_singular = extra_detail_plural = ""

    def __init__(self, wait: float | None = None, detail: str = "") -> None:
        super().__init__(wait, detail or str(self.default_detail) % {"seconds": ceil(wait or 60)})
        self.detail = ErrorDetail(str(self.detail).strip(), code=self.default_code)


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Unavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    wait = 60  # seconds, as Retry-After


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    if isinstance(error, FeatureOff):
        return _feature_off(error)
    if isinstance(error, EditedMeanwhile):
        current = context["view"].current()
        return Response(_problem(409, error.messages[0], current=current), status=409, content_type=CONTENT_TYPE)
    known = _as_api_error(error)
    response = exception_handler(known, context)
    if response is None:
        return None
    errors = response.data if isinstance(known, exceptions.ValidationError) else None
    detail = "" if errors else _detail(response.data)
    response.data = _problem(response.status_code, detail, errors=errors)
    response.content_type = CONTENT_TYPE
    return response


REFUSALS: dict[type[Exception], Callable[[], Exception]] = {
    PermissionError: exceptions.NotFound,  # forbidden looks like missing
    PermissionDenied: exceptions.NotFound,
    exceptions.PermissionDenied: exceptions.NotFound,
    RequestDataTooBig: lambda: TooLarge(_("5 MBまで受け取れます。")),
    WrongFactor: lambda: exceptions.ValidationError({"second_factor": [_("番号がちがうか、もう使われています。")]}),
    Paused: lambda: TooMany(
        900, _("何度もためされたので、しばらくお休みします。時間をおいて、もう一度ためしてください。")
    ),
    BadInvitation: lambda: exceptions.ValidationError({"invitation": [_("この招待は、もう使えません。")]}),
    AlreadyRegistered: lambda: Conflict(_("もう登録されています。")),
    NotOpen: lambda: Conflict(_("このお申し込みは、もう決まっています。")),
    BadSignature: lambda: exceptions.ParseError(_("署名が合いません。")),
    GatewayUnavailable: lambda: Unavailable(_("お支払いの会社につながりません。少しおいてためしてください。")),
    GatewayError: lambda: Conflict(_("お支払いの会社が、この操作を受け付けませんでした。")),
}


def _as_api_error(error: Exception) -> Exception:
    if isinstance(error, StorageUnavailable):
        return Unavailable(error.messages[0])
    if isinstance(error, ModelError):
        return exceptions.ValidationError(_by_field(error))
    if isinstance(error, TooManyCodes):
        return TooMany(error.seconds, error.said())
    if isinstance(error, WrongCode):
        return exceptions.ValidationError({"code": [wrong_code(error)]})
    if isinstance(error, exceptions.Throttled):
        return TooMany(getattr(error, "wait", None))
    if isinstance(error, Http404):  # Django's own says in English which model it looked for
        return exceptions.NotFound()
    return next((make() for kind, make in REFUSALS.items() if isinstance(error, kind)), error)


def _by_field(error: ModelError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {NON_FIELD_ERRORS: error.messages}
    if hasattr(error, "error_dict"):
        fields = dict(error.message_dict)
    return {api_settings.NON_FIELD_ERRORS_KEY if name == NON_FIELD_ERRORS else name: fields[name] for name in fields}


def _detail(data: Any) -> str:
    return str(data.get("detail", "")) if isinstance(data, dict) else ""


def _problem(code: int, detail: str, **more: Any) -> dict[str, Any]:
    extra = {name: value for name, value in more.items() if value is not None}
    title = str(TITLES.get(code) or _("エラー"))
    return {"type": "about:blank", "title": title, "status": code, "detail": detail, **extra}


def _feature_off(error: FeatureOff) -> Response:
    plan = plan_with(error.feature)
    detail = _("「%(feature)s」は、%(plan)sのプランで使えます。") % {"feature": error.feature.label, "plan": plan.name}
    body = _problem(402, detail, plan=plan.code.value, feature=error.feature.value)
    return Response(body, status=402, content_type=CONTENT_TYPE)
