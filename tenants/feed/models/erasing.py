"""What the feed lets go of when a person is erased: what they said as themselves, and what they did with posts.

What was said as a seat is the association's and stays. Rows stay where others count on them.
"""

from django.db.models import Count, Q
from django.db.models.functions import Coalesce, Now

from controlplane.audit.models import Entry
from tenants.feed.models.attachments import Attachment
from tenants.feed.models.moderation import Moderation
from tenants.feed.models.posts import Post
from tenants.feed.models.receiving import Receiving
from tenants.feed.models.responses import Comment, Reaction, ReadReceipt
from tenants.feed.models.uploads import Upload
from tenants.feed.models.versions import PostVersion
from tenants.members.models import Member, part_of_erasing
from tenants.search.models import Kind, remove

GONE_TITLE = "消えたお知らせ"
GONE_REASON = "（退会した会員の知らせ）"
GONE_COMMENT = "（退会した会員のコメントは、消えました）"


@part_of_erasing
def forget_words(member: Member, by: object) -> None:
    own = list(Post.objects.filter(author=member, as_seat=None).values_list("pk", flat=True))
    for upload in Upload.objects.filter(owner=member):
        upload.give_up()
    loose = Q(owner=member, post=None, record=None)
    recorded = Q(record__author=member, record__as_seat="") | Q(owner=member, record__seat=None, record__isnull=False)
    Attachment.objects.filter(Q(post__in=own) | loose | recorded).forget()
    Entry.objects.filter(object_type=Post._meta.label_lower, object_id__in=map(str, own)).update(data={})
    gone = {"title": GONE_TITLE, "body": "", "preview": None, "withdrawn_reason": "", "tell_at": None}
    Post.objects.filter(pk__in=own).update(withdrawn_at=Coalesce("withdrawn_at", Now()), **gone)
    remove(Kind.POST, *own)  # after the update, which waits for whoever just writes an old one into the index
    PostVersion.objects.filter(post__in=own).delete()
    Comment.objects.filter(author=member).update(body=GONE_COMMENT)
    Moderation.objects.filter(by=member, kind=Moderation.Kind.REPORT).update(reason=GONE_REASON)
    Receiving.objects.filter(member=member).delete()
    _forget_reactions(member)
    _forget_receipts(member)


def _forget_reactions(member: Member) -> None:
    theirs = Reaction.objects.filter(member=member)
    posts = list(Post.objects.filter(pk__in=theirs.values("post")).select_for_update().order_by("pk"))
    theirs.delete()
    for post in posts:
        post.reaction_counts = Reaction.objects.counts(post)
    Post.objects.bulk_update(posts, ["reaction_counts"], batch_size=500)


def _forget_receipts(member: Member) -> None:
    """A household that only this person read for no longer counts as reached."""
    theirs = ReadReceipt.objects.filter(member=member)
    posts = list(Post.objects.filter(pk__in=theirs.values("post")).select_for_update().order_by("pk"))
    theirs.delete()
    left = ReadReceipt.objects.filter(post__in=posts).values_list("post").annotate(n=Count("household", distinct=True))
    homes = dict(left.order_by())
    for post in posts:
        post.read_households = homes.get(post.pk, 0)
    Post.objects.bulk_update(posts, ["read_households"], batch_size=500)
