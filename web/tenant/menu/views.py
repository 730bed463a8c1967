"""The menu, the size of letters, one's own name and address."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controlplane.associations.models import Association, SupportAccess
from controlplane.cities.models import WardOffice
from controlplane.tenancy import public
from tenants.members.models import Member
from web.access import member_required, neighbour_required
from web.context import TEXT_SIZES
from web.once import each_time
from web.referer import own_page
from web.tenant.joining.views import safe_next
from web.tenant.menu.forms import ProfileForm
from web.tenant.page import SiteRequest, refusals, show

A_YEAR = 60 * 60 * 24 * 365


@member_required
@require_safe
def menu(request: SiteRequest) -> HttpResponse:
    home = request.member.household
    context = {
        "household": home,
        "family_count": Member.objects.admitted().filter(household=home).count(),
        "seats": request.member.seats(),
        "offices": _offices(request),
        "waiting_count": Member.objects.waiting().count() if request.member.is_officer else 0,
        "asked_by_support": _asked_by_support(request) if request.member.is_representative else None,
    }
    return show(request, "tenant/menu/menu.html", tab="menu", **context)


@each_time
def text_size(request: SiteRequest) -> HttpResponse:
    """For everybody, signed in or not. A cookie, because it belongs to this screen rather than to the person."""
    onward = safe_next(request.POST.get("next") or request.GET.get("next") or _came_from(request))
    if request.method != "POST":
        return show(request, "tenant/menu/text_size.html", tab="menu", next=onward)
    response = redirect(onward or "home")
    size = request.POST.get("size", "")
    if size in TEXT_SIZES:
        response.set_cookie("text", size, max_age=A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")
    else:
        response.delete_cookie("text", samesite="Lax")
    return response


@neighbour_required
def profile(request: SiteRequest) -> HttpResponse:
    """One's own name, and the address of the home one lives in."""
    person, alert = request.member, ""
    if "lookup" in request.POST:
        form, alert = ProfileForm.looked_up(request, of=person)
    else:
        form = ProfileForm(request.POST or None, of=person)
    if form.is_valid():
        with refusals(form):
            person.correct_at_home(**form.cleaned_data)
            messages.success(request, _("なおしました。"))
            return redirect("menu")
    context = {"form": form, "alert": alert}
    return show(request, "tenant/menu/profile.html", tab="menu", status=form.status, **context)


def _offices(request: SiteRequest) -> list[WardOffice]:
    with public():
        association = Association.objects.get(pk=request.site.uuid)
        return list(WardOffice.objects.near(association))


def _asked_by_support(request: SiteRequest) -> SupportAccess | None:
    with public():
        return SupportAccess.objects.filter(association=request.site.uuid).waiting().first()


def _came_from(request: SiteRequest) -> str:
    """The page of this site one pressed 文字 on."""
    return own_page(request, but=reverse("text_size"))
