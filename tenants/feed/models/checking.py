"""What a post must hold before it is kept, by field, and who may say it to whom."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenants.members.models import Act, Member, only

if TYPE_CHECKING:
    from tenants.feed.models.posts import Post

BODY_LENGTH = 20_000


def check(post: "Post", by: Member, *, signing: bool = True, pinning: bool = False) -> None:
    """Raise PermissionError for an audience that is not `by`'s to address, ValidationError by field for the rest."""
    if post.audience == post.Audience.COMMUNITY and post.community is None:
        raise ValidationError({"community": _("どのコミュニティに書くか、選んでください。")})
    only(by, Act.WRITE_POST, post)
    if errors := dict(_faults(post, by, signing, pinning)):
        raise ValidationError(errors)


def _faults(post: "Post", by: Member, signing: bool, pinning: bool) -> Iterator[tuple[str, str]]:
    """What is wrong, by field; a draft may still lack its title."""
    if not (post.title.strip() or post.is_draft):
        yield "title", _("題が、まだ入っていません。")
    if post.audience == post.Audience.GROUP and post.group is None:
        yield "group", _("どの組に届けるか、選んでください。")
    if signing and post.as_seat and post.as_seat_id not in set(by.seats().values_list("pk", flat=True)):
        yield "as_seat", _("この役職では書けません。")
    if pinning and not by.may(Act.PIN_POST, post):
        yield "pinned", _("いちばん上に固定できるのは、役員と世話役だけです。")
    if post.expires_at and post.publish_at and post.expires_at <= post.publish_at:
        yield "expires_at", _("終わりが、始まりより前になっています。")
    if len(post.body) > BODY_LENGTH:
        yield "body", _("本文は2万文字までです。")
