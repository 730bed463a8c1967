"""Everything of one's own that waits to be sent: to go on with, to copy out, to throw away. On every host."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from web import keeping
from web.access import signed_in_required
from web.once import each_time


@signed_in_required
@each_time
@require_http_methods(["GET", "HEAD", "POST"])
def kept(request: Any) -> HttpResponse:
    rows = keeping.mine(request)
    if request.method == "POST":
        for row, _fields in rows:
            row.delete()
        messages.success(request, _("とってあったものを、消しました。"))
        return redirect("kept")
    things = [(row, keeping.words_of(fields)) for row, fields in rows]
    template = "sending/kept_at_site.html" if request.site else "sending/kept_at_apex.html"
    return render(request, template, {"things": things})
