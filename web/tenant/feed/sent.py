"""Files sent along with a form: what was received before, what comes now, their order and words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from controlplane.tenancy.storage import AWAY
from tenants.feed.models import Attachment, Post
from tenants.feed.models.room import FULL
from tenants.feed.uploads import Clean
from web.tenant.feed.forms import PostForm
from web.tenant.page import SiteRequest, about_file, is_away, number

Sent = list[Attachment]


def receive(request: SiteRequest, form: PostForm, post: Post | None = None) -> Sent:
    """What was sent before and is still wanted, and what comes now. A refused file says why beside its field."""
    sent = before(request, request.POST, post)
    for attachment in sent:
        _describe(attachment, request)
    form.is_valid()
    opened = [copy for name in ("photos", "document") for copy in _opened(request, form, name)]
    for name, file, copy in opened:
        if is_away(form):  # one wait is enough
            break
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
        form.add_error(name, about_file(file, error))


def only_without_files(form: PostForm) -> str:
    """Urgent news whose only fault is that its pictures cannot be kept goes out without them: why, or nothing."""
    faults = form.errors.as_data()
    codes = {error.code for errors in faults.values() for error in errors}
    if form.cleaned_data.get("kind") != Post.Kind.URGENT or not codes or not codes <= {FULL, AWAY}:
        return ""
    if AWAY in codes:
        return _("写真は、いま受け取れないので、のせませんでした。文は、届けました。")
    return _("写真は、置き場がいっぱいで、のせられませんでした。文は、届けました。")


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
