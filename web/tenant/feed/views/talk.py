"""What people do under a post: react, comment, take a comment away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants.feed.models import Comment, Post
from tenants.members.models import Act
from web.access import member_required
from web.once import changeable
from web.tenant.feed.forms import CommentForm
from web.tenant.feed.views.post import post_page, talk_of, visible_post
from web.tenant.page import SiteRequest, fragment, refusals, show


@member_required
@require_POST
@changeable
def reaction(request: SiteRequest, pk: int) -> HttpResponse:
    """One per person: another one changes it, the same one takes it back."""
    post = visible_post(request.member, pk)
    kind = request.POST.get("kind", "")
    try:
        post.react(request.member, None if kind == post.my_reaction else kind)
    except ValidationError as error:
        raise Http404 from error
    if request.htmx:
        again = visible_post(request.member, pk)
        return fragment(request, "tenant/feed/_reactions.html", post=again, **talk_of(again, request.member))
    return redirect(f"{reverse('post', args=[pk])}#reactions")


@member_required
@require_POST
def comment(request: SiteRequest, pk: int) -> HttpResponse:
    post = visible_post(request.member, pk)
    form = CommentForm(request.POST)
    if form.is_valid():
        with refusals(form):
            post.comment(by=request.member, body=form.cleaned_data["body"])
    if request.htmx:
        return _comments(request, pk, form)
    if form.errors:
        return post_page(request, post, form, status=422)
    return redirect(f"{reverse('post', args=[pk])}#comments")


def _comments(request: SiteRequest, pk: int, form: CommentForm) -> HttpResponse:
    post = visible_post(request.member, pk)
    again = form if form.errors else CommentForm()
    status = 422 if form.errors else 200
    context = {"post": post, "form": again, **talk_of(post, request.member)}
    return fragment(request, "tenant/feed/_comments.html", status=status, **context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_comment(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, then takes it away."""
    shown = Comment.objects.shown().filter(post__in=Post.objects.visible_to(request.member))
    found = get_object_or_404(shown.select_related("post"), pk=pk)
    if not request.member.may_look_at(Act.REMOVE_COMMENT, found):
        raise Http404
    if request.method == "POST":
        with refusals():
            found.remove(by=request.member)
        messages.success(request, _("コメントを消しました。"))
        return redirect(f"{reverse('post', args=[found.post_id])}#comments")
    return show(request, "tenant/feed/comment_remove.html", comment=found)
