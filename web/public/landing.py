"""The first page of the apex host: what Kairan is, who began, what it costs, whom to ask."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from billing.plans import BLOCK, PLANS, on_show
from controlplane.cities.models import City, WardOffice
from web.public.entry import ASSOCIATION, Entry


def landing(request: HttpRequest) -> HttpResponse:
    entry = Entry()
    context = {
        "cities": City.objects.order_by("pk"),
        "offices": WardOffice.objects.select_related("city").order_by("city", "position"),
        "centre": WardOffice.objects.filter(kind=WardOffice.Kind.CENTRE).first(),
        "plans": on_show(plan for plan in PLANS if plan.kinds),
        "block_size": BLOCK,
        "association": entry.unchecked()[0],
        "carried": entry.carried(ASSOCIATION),
        "step": ASSOCIATION,
        "steps": [_("団体のこと"), _("代表者の連絡先"), _("たしかめる")],
    }
    return render(request, "public/landing.html", context)
