"""The feed: home, search, one post, writing, who was reached."""

from django.urls import path

from web.tenant.feed.views import delivery, home, paper, post, talk, writing

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("posts/new/", writing.compose, name="compose"),
    path("posts/scheduled/", writing.scheduled, name="scheduled"),
    path("posts/<int:pk>/", post.post, name="post"),
    path("posts/<int:pk>/edit/", writing.edit, name="post_edit"),
    path("posts/<int:pk>/remove/", writing.remove, name="post_remove"),
    path("posts/<int:pk>/comment/", talk.comment, name="post_comment"),
    path("posts/<int:pk>/reaction/", talk.reaction, name="post_reaction"),
    path("posts/<int:pk>/paper/", paper.paper, name="paper"),
    path("posts/<int:pk>/paper.pdf", paper.paper_pdf, name="paper_pdf"),
    path("posts/<int:pk>/delivery/", delivery.ledger, name="ledger"),
    path("posts/<int:pk>/delivery/paper/", delivery.hand_paper, name="hand_paper"),
    path("comments/<int:pk>/remove/", talk.remove_comment, name="comment_remove"),
    path("attachments/<int:pk>/", post.attachment, name="attachment"),
]
