"""The feed as an ordinary project writes it: DRF's ModelSerializer and Django's ListView, counts by annotation."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Count
from django.http import HttpResponse
from django.urls import path
from django.views.generic import ListView
from rest_framework import generics, pagination, serializers

from tenants.feed.models import Attachment, Post


class AttachmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Attachment
        fields = ("id", "kind", "name", "size", "pages")


class PostSerializer(serializers.ModelSerializer):
    author = serializers.StringRelatedField()
    attachments = AttachmentSerializer(many=True)
    comment_total = serializers.IntegerField()
    reads = serializers.IntegerField()

    class Meta:
        model = Post
        fields = (
            "id", "kind", "title", "body", "audience", "group", "community", "pinned", "publish_at", "expires_at",
            "comments_open", "author", "attachments", "comment_total", "reads",
        )  # fmt: skip


FEED = (
    Post.objects.published()
    .select_related("author")
    .prefetch_related("attachments")
    .annotate(comment_total=Count("comments", distinct=True), reads=Count("receipts__household", distinct=True))
    .order_by("-pinned", "-publish_at", "-pk")
)


class Posts(generics.ListAPIView):
    serializer_class = PostSerializer
    pagination_class = pagination.PageNumberPagination
    queryset = FEED


class Home(LoginRequiredMixin, ListView):
    queryset = FEED
    paginate_by = 20
    template_name = "home.html"


POSTS = "/api/v1/posts/"
urlpatterns = [
    path(POSTS[1:], Posts.as_view()),
    path("", Home.as_view()),
    path("bench/", lambda request: HttpResponse(b"")),
]
