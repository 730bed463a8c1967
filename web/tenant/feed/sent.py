"""Files sent along with a form: what was received before, what comes now, their order and words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.datastructures import MultiValueDict

from tenants.feed.models import Attachment, Post
from tenants.feed.models.room import FULL
from tenants.feed.uploads import Clean
from web.tenant.feed.forms import PostForm
from web.tenant.page import SiteRequest, number

Sent = list[Attachment]


def receive(request: SiteRequest, form: PostForm, post: Post | None = None) -> Sent:
    """What was sent before and is still wanted, and what comes now. A refused file says why beside its field."""
    sent = before(request, request.POST, post)
    for attachment in sent:
        _describe(attachment, request)
    form.is_valid()
    opened = [copy for name in ("photos", "document") for copy in _opened(request, form, name)]
    for name, file, copy in opened:  # all looked at before the first is kept: who waits for room waits for less
        with _refused(form, name, file):
            sent.append(Attachment.objects.keep(copy, by=request.member))
    if "stay" in request.POST:  # the rest is still being written
        for name in set(form.errors) - {"photos", "document"}:
            del form.errors[name]
    return sent


def _opened(request: SiteRequest, form: PostForm, name: str) -> Iterator[tuple[str, str, Clean]]:
    chosen = form.cleaned_data.get(name) or []
    for upload in chosen if isinstance(chosen, list) else [chosen]:
        with _refused(form, name, upload.name):
            yield name, upload.name, Attachment.objects.opened(upload, by=request.member)


@contextmanager
def _refused(form: PostForm, name: str, file: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        form.add_error(name, [ValidationError(f"{file}：{text}", code=error.code) for text in error.messages])


def only_without_room(form: PostForm) -> bool:
    """Urgent news whose only fault is that its pictures do not fit: it goes out without them."""
    faults = form.errors.as_data()
    full = all(error.code == FULL for errors in faults.values() for error in errors)
    return form.cleaned_data.get("kind") == Post.Kind.URGENT and bool(faults) and full


def before(request: SiteRequest, typed: MultiValueDict[str, str], post: Post | None = None) -> Sent:
    """What was sent before and is still wanted, in the order asked for."""
    wanted = {number(pk) for pk in typed.getlist("kept")} - {number(pk) for pk in typed.getlist("drop")}
    own = Q(post=None, record=None, owner=request.member) | (Q(post=post) if post else Q())
    found = list(Attachment.objects.filter(own, pk__in=wanted).order_by("position", "pk"))
    return sorted(found, key=lambda each: number(typed.get(f"place-{each.pk}", "")) or len(found))


def _describe(attachment: Attachment, request: SiteRequest) -> None:
    told: dict[str, Any] = {
        name: request.POST.get(f"{name}-{attachment.pk}", getattr(attachment, name)) for name in ("caption", "alt")
    }
    attachment.describe(by=request.member, **told)
