"""What the feed writes to people by mail and short message. Words of neighbours are never in a short message."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Channel, Contact
from controlplane.associations.models import Association
from controlplane.languages import in_reader_s_language
from controlplane.metering.models import Kind
from controlplane.outbox.models import Message
from controlplane.tenancy import current_uuid, public
from controlplane.tenancy.routing import url_of
from tenants.feed import prose
from tenants.members.models import Member

if TYPE_CHECKING:
    from tenants.feed.models import Comment, Post

PAGES = "controlplane.urls.tenant"
BEGINNING = 600  # letters of a post that go into a mail


@in_reader_s_language
def tell(member: Member, post: "Post") -> None:
    """One new post to one person, at once."""
    if not member.contact:
        return
    here = _here()
    url = here.to("post", post.pk)
    words = {"site": here.name, "title": post.title, "url": url, "from": post.signature}
    short = _("%(site)sから緊急のお知らせです。 %(url)s") % words
    text = _("%(site)sのお知らせです。（%(from)sから）") % words
    stop = _stop(member, here)
    body = f"{text}\n\n■ {post.title}\n\n{_beginning(post)}\n\n{url}\n\n{_foot(here, stop)}"
    subject, must_arrive = f"【{here.name}】{_mark(post)}{post.title}", post.kind == post.Kind.URGENT
    kind = Kind.URGENT if must_arrive else Kind.NEWS
    _send(
        member.contact,
        subject=subject,
        body=body,
        short=short,
        unsubscribe="" if must_arrive else stop,
        kind=kind,
        about=about(post),
    )


def about(post: "Post") -> str:
    """How messages about a post are found again."""
    return f"post:{post.pk}"


@in_reader_s_language
def digest(member: Member, posts: "Sequence[Post]") -> None:
    """The new posts of a day in one mail."""
    if not member.contact or member.contact.channel != Channel.MAIL:
        return
    here = _here()
    lines = [f"■ {post.title}\n　{post.signature}\n　{here.to('post', post.pk)}" for post in posts]
    words = {"site": here.name, "n": len(posts)}
    head = _("%(site)sの新しいお知らせが、%(n)d件あります。") % words
    stop = _stop(member, here)
    body = "\n\n".join([head, *lines, _foot(here, stop)])
    _send(member.contact, subject=_("【%(site)s】新しいお知らせ %(n)d件") % words, body=body, unsubscribe=stop)


@in_reader_s_language
def you_were_called(member: Member, comment: "Comment") -> None:
    """Somebody named this person in a comment."""
    if not member.contact:
        return
    here = _here()
    url = f"{here.to('post', comment.post_id)}#comment-{comment.pk}"
    words = {"site": here.name, "who": comment.author.name, "title": comment.post.title, "url": url}
    head = _("%(who)sさんが、「%(title)s」のコメントで、あなたに呼びかけています。") % words
    short = _("%(site)s：コメントで呼びかけがあります。 %(url)s") % words
    body = f"{head}\n\n{comment.body[:BEGINNING]}\n\n{url}"
    _send(member.contact, subject=_("【%(site)s】コメントで呼びかけがあります") % words, body=body, short=short)


def something_was_reported(people: Iterable[Member], page: str, *args: object) -> None:
    """To those who judge it: somebody asks them to look. Who and what stands on the page alone."""
    here = _here()
    for person in people:
        if person.contact:
            _please_look(person, person.contact, here, here.to(page, *args))


@in_reader_s_language
def _please_look(_person: Member, to: Contact, here: "_Here", url: str) -> None:
    words = {"site": here.name, "url": url}
    body = _("「気になる」と知らせてくれた方がいます。\n下のページで、見てください。\n\n%(url)s") % words
    short = _("%(site)s：「気になる」の知らせがあります。 %(url)s") % words
    _send(to, subject=_("【%(site)s】見てほしい書きこみがあります") % words, body=body, short=short)


@in_reader_s_language
def words_were_hidden(author: Member, *, title: str, reason: str) -> None:
    """To the author, kindly; who asked for it is not said."""
    here = _here()
    words = {"site": here.name, "title": title, "reason": reason}
    body = _(
        "いつもありがとうございます。\n\n「%(title)s」に書かれたことばを、役員がいったん見えないようにしました。\n\n"
        "わけ：%(reason)s\n\n消えてはいません。気になることがあれば、役員に声をかけてください。"
    )
    _send_to(author, subject=_("【%(site)s】書かれたことばについて") % words, body=body % words)


@in_reader_s_language
def words_are_back(author: Member, *, title: str) -> None:
    here = _here()
    words = {"site": here.name, "title": title}
    body = _("「%(title)s」に書かれたことばは、また見えるようになりました。ありがとうございました。")
    _send_to(author, subject=_("【%(site)s】また見えるようになりました") % words, body=body % words)


def _send_to(member: Member, *, subject: str, body: str) -> None:
    if member.contact and member.contact.channel == Channel.MAIL:
        _send(member.contact, subject=subject, body=body)


def _send(to: Contact, *, subject: str, body: str, short: str = "", **more: Any) -> None:
    """`more` is what Message.queue takes."""
    words = short if to.channel == Channel.SMS else body
    Message.queue(to.channel, to.value, subject=subject[:200], body=words, **more)


def _mark(post: "Post") -> str:
    return f"（{post.get_kind_display()}）" if post.kind in {post.Kind.URGENT, post.Kind.CIRCULAR} else ""


def _beginning(post: "Post") -> str:
    text = prose.plain(post.body)
    return text if len(text) <= BEGINNING else f"{text[:BEGINNING]}…"


def _stop(member: Member, here: "_Here") -> str:
    """Where this person's news are stopped without signing in."""
    from tenants.feed.models.receiving import Receiving

    return here.to("news_stop", Receiving.of(member).token)


def _foot(here: "_Here", stop: str) -> str:
    return f"──\n{_('受け取り方を変える')}\n{here.to('news')}\n{_('このメールを止める')}\n{stop}"


class _Here:
    """The association's name and address, for letters written outside a request."""

    def __init__(self, name: str, host: str) -> None:
        self.name, self.host = name, host

    def to(self, page: str, *args: object) -> str:
        """The address of a page of the site, also where no request has chosen the map of addresses."""
        return url_of(self.host, reverse(page, urlconf=PAGES, args=args))


def _here() -> _Here:
    uuid = current_uuid()
    with public():
        association = Association.objects.get(pk=uuid)
        return _Here(association.name, association.host)
