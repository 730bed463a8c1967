"""Files sent along with a form: what was received before, what comes now, their order and words."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from tenants.feed.models import Attachment, Post
from web.tenant.feed.forms import PostForm
from web.tenant.page import SiteRequest, number

Sent = list[Attachment]


def receive(request: SiteRequest, form: PostForm, post: Post | None = None) -> Sent:
    """What was sent before and is still wanted, and what comes now. A refused file says why beside its field."""
    sent = _before(request, post)
    form.is_valid()
    for name in ("photos", "document"):
        chosen = form.cleaned_data.get(name) or []
        for upload in chosen if isinstance(chosen, list) else [chosen]:
            try:
                sent.append(Attachment.objects.receive(upload, by=request.member))
            except ValidationError as error:
                form.add_error(name, [f"{upload.name}：{message}" for message in error.messages])
    if "stay" in request.POST:  # the rest is still being written
        for name in set(form.errors) - {"photos", "document"}:
            del form.errors[name]
    return sent


def _before(request: SiteRequest, post: Post | None) -> Sent:
    """In the order asked for, with the words written under them."""
    wanted = {number(pk) for pk in request.POST.getlist("kept")}
    wanted -= {number(pk) for pk in request.POST.getlist("drop")}
    own = Q(post=None, owner=request.member) | (Q(post=post) if post else Q())
    found = list(Attachment.objects.filter(own, pk__in=wanted).order_by("position", "pk"))
    for attachment in found:
        _describe(attachment, request)
    return sorted(found, key=lambda each: number(request.POST.get(f"place-{each.pk}", "")) or len(found))


def _describe(attachment: Attachment, request: SiteRequest) -> None:
    told: dict[str, Any] = {
        name: request.POST.get(f"{name}-{attachment.pk}", getattr(attachment, name)) for name in ("caption", "alt")
    }
    attachment.describe(by=request.member, **told)
