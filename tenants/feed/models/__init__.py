"""The feed: posts and what belongs to them, answers, circulars, reports, receiving. Schema: every association's own."""

from tenants.feed.models.attachments import Attachment
from tenants.feed.models.circulars import Confirmation, Round
from tenants.feed.models.delivery import Delivery, PaperHandover
from tenants.feed.models.erasing import forget_words
from tenants.feed.models.moderation import Moderation
from tenants.feed.models.posts import Post
from tenants.feed.models.receiving import Receiving
from tenants.feed.models.responses import Comment, Reaction, ReadReceipt
from tenants.feed.models.room import Room
from tenants.feed.models.rules import FeedRules
from tenants.feed.models.uploads import Upload
from tenants.feed.models.versions import PostVersion

__all__ = [
    "Attachment",
    "Comment",
    "Confirmation",
    "Delivery",
    "FeedRules",
    "Moderation",
    "PaperHandover",
    "Post",
    "PostVersion",
    "Reaction",
    "ReadReceipt",
    "Receiving",
    "Room",
    "Round",
    "Upload",
    "forget_words",
]
