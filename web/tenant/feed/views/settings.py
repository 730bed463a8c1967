"""How one hears of news, how a mail is stopped from the mail itself, and the association's rule on comments."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tenants.feed.models import FeedRules, Receiving
from tenants.members.models import Act
from web.access import allowed_to, neighbour_required
from web.once import each_time
from web.tenant.feed.forms import ReceivingForm, RulesForm
from web.tenant.page import SiteRequest, refusals, show


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
@each_time
def news(request: SiteRequest) -> HttpResponse:
    """お知らせの受け取り方."""
    mine = Receiving.of(request.member)
    form = ReceivingForm(request.POST if request.method == "POST" else None, initial={"choice": mine.choice})
    if request.method == "POST" and form.is_valid():
        mine.choose(form.cleaned_data["choice"])
        messages.success(request, _("受け取り方を「%(choice)s」にしました。") % {"choice": mine.get_choice_display()})
        return redirect("news")
    status = 422 if form.errors else 200
    return show(request, "tenant/feed/news.html", tab="menu", status=status, form=form, contact=request.member.contact)


@csrf_exempt  # a mail program presses the button by itself (RFC 8058); whoever has the token may
@require_http_methods(["GET", "HEAD", "POST"])
def news_stop(request: SiteRequest, token: str) -> HttpResponse:
    """Reached from a mail, without signing in. Opening it changes nothing: mail programs open links by themselves."""
    theirs = Receiving.opened_by(token)
    if theirs is None:
        raise Http404
    if request.method == "POST":
        theirs.choose(Receiving.Choice.NONE)
    stopped = theirs.choice == Receiving.Choice.NONE
    return render(request, "tenant/feed/news_stop.html", {"stopped": stopped})


@allowed_to(Act.RULE_TALK)
@require_http_methods(["GET", "HEAD", "POST"])
@each_time
def rules(request: SiteRequest) -> HttpResponse:
    """Whether people comment and react here at all."""
    now = FeedRules.now()
    form = RulesForm(request.POST if request.method == "POST" else None, of=now)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            FeedRules.lay_down(by=request.member, **form.cleaned_data)
            messages.success(request, _("決めごとを変えました。"))
            return redirect("feed_rules")
    return show(request, "tenant/feed/rules.html", tab="menu", status=form.status, form=form, rules=now)
