"""The feed: posts, attachments, comments, reactions, read receipts. Schema: every association's own."""

from tenants.feed.models.attachments import Attachment
from tenants.feed.models.delivery import Delivery, PaperHandover
from tenants.feed.models.erasing import forget_words
from tenants.feed.models.posts import Post
from tenants.feed.models.responses import Comment, Reaction, ReadReceipt

__all__ = ["Attachment", "Comment", "Delivery", "PaperHandover", "Post", "Reaction", "ReadReceipt", "forget_words"]
