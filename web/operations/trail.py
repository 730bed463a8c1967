"""記録: who did what when, found by person, act, association and date; and all of it as a table."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from controlplane.associations.models import Association
from controlplane.audit.models import Entry, EntryQuerySet
from controlplane.rates import Cost, costs
from controlplane.spreadsheet import as_csv
from web.access import operator_required
from web.apex import ApexRequest
from web.forms import DateInput, KairanForm, NormalizedCharField
from web.listing import csv_download, turn
from web.operations.desk import show
from web.templatetags.desk import VERBS, verb_ja


class TrailForm(KairanForm):
    """Whatever is missing or makes no sense means: all of it."""

    show_marks = False
    use_required_attribute = False

    q = NormalizedCharField(label=gettext_lazy("人・したことでさがす"), max_length=100, required=False)
    verb = forms.ChoiceField(label=gettext_lazy("したこと"), required=False)
    association = NormalizedCharField(label=gettext_lazy("団体の名前・アドレス"), max_length=100, required=False)
    since = forms.DateField(label=gettext_lazy("いつから"), required=False, widget=DateInput)
    until = forms.DateField(label=gettext_lazy("いつまで"), required=False, widget=DateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [("", _("すべて")), *VERBS.items()]  # type: ignore[attr-defined]

    def entries(self) -> EntryQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        found = Entry.objects.search(asked.get("q") or "").between(asked.get("since"), asked.get("until"))
        if verb := asked.get("verb"):
            found = found.filter(verb=verb)
        if words := asked.get("association"):
            found = found.about_any(things_of(words))
        return found


def things_of(words: str) -> list[Any]:
    """The associations of this name or address, and what made them."""
    found = Association.objects.search(words).select_related("application").prefetch_related("runs")[:50]
    return [
        thing
        for each in found
        for thing in (each, getattr(each, "application", None), *each.runs.all())
        if thing is not None
    ]


@operator_required
@require_safe
def log(request: ApexRequest) -> HttpResponse:
    form = TrailForm(request.GET)
    return show(request, "log.html", "log", {"form": form, "turning": turn(request, form.entries())})


@costs(Cost.TABLE)
@operator_required
@require_safe
def log_csv(request: ApexRequest) -> HttpResponse:
    head = [_("いつ"), _("だれ"), _("したこと"), _("何に"), _("番号"), _("くわしく")]
    rows = [csv_row(entry) for entry in TrailForm(request.GET).entries().iterator(chunk_size=2000)]
    return csv_download(as_csv([head, *rows]), "kairan-log.csv")


def csv_row(entry: Entry) -> list[Any]:
    at = timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M:%S")
    details = "; ".join(f"{name}: {value}" for name, value in entry.data.items())
    return [at, entry.actor, verb_ja(entry.verb), entry.object_type, entry.object_id, details]
