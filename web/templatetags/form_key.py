"""{% csrf_token %} with the form's own key beside it, so that every form has one: see web.once and web.keeping."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from controlplane.sending import keys
from controlplane.tenancy import current_or_none

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: Any) -> SafeString:
    token = CsrfTokenNode().render(context)
    request = getattr(context, "request", None) or context.get("request")
    if not token or request is None or not hasattr(request, "user") or not current_or_none():
        return mark_safe(token)  # noqa: S308  # Django's own tag made it
    return mark_safe(token) + format_html('<input type="hidden" name="{}" value="{}">', keys.NAME, next_key(request))  # noqa: S308


def next_key(request: HttpRequest) -> str:
    """One for each form of a page; they differ by their end only, so that a long page stays small on its way."""
    said = request.__dict__
    if "form_keys" not in said:
        said["form_keys"] = keys.of_page(request.user.pk)
    said["form_count"] = said.get("form_count", 0) + 1
    return f"{said['form_keys']}-{said['form_count']}"
