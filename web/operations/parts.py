"""支えるもの: the parts Kairan leans on, how they were when a worker last looked, what still works without each."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from controlplane.parts.models import Part
from controlplane.parts.probes import Name
from web.access import operator_required
from web.apex import ApexRequest
from web.operations.desk import show


@dataclass(frozen=True)
class Words:
    name: str | Promise
    without: str | Promise


WORDS = {
    Name.DATABASE: Words(
        _("データベース（PostgreSQL）"),
        _("ページは開けません。「つながりにくくなっています」と出て、もどればそのまま使えます。"),
    ),
    Name.BROKER: Words(
        _("仕事の受けわたし（Valkey）"),
        _("読む・答える・書くは、できます。メールなどは待っていて、もどってから送ります。"),
    ),
    Name.CACHE: Words(
        _("一時の控え（Valkey）"), _("すべて使えます。少しおそくなり、たのむ回数の制限がゆるくなります。")
    ),
    Name.FILES: Words(
        _("写真と書類の置き場（S3）"), _("文章は、読み書きできます。写真と書類は見られず、新しく入れられません。")
    ),
    Name.MAIL: Words(
        _("メール"), _("入っている人は、すべて使えます。メールは待っていて、もどってから送ります。番号も届きません。")
    ),
    Name.SMS: Words(
        _("ショートメール"),
        _("入っている人は、すべて使えます。ショートメールは待っていて、もどってから送ります。番号も届きません。"),
    ),
    Name.STRIPE: Words(
        _("お支払い（Stripe）"), _("お金のことのほかは、すべて使えます。プランを変えるのは、もどってからです。")
    ),
}


@operator_required
@require_safe
def parts(request: ApexRequest) -> HttpResponse:
    """From rows: no request waits for a part that hangs. When nobody has looked lately, that is said first."""
    seen = {part.name: part for part in Part.objects.all()}
    rows = [(words, seen.get(name.value)) for name, words in WORDS.items()]
    looked = max((part.looked_at for part in seen.values()), default=None)
    at_work = any(part.is_known for part in seen.values())
    return show(request, "parts.html", "parts", {"rows": rows, "looked": looked, "at_work": at_work})
