"""What operations are told about at once: more short messages in an hour than the platform sends."""

from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models import Operator
from controlplane.metering.models import CeilingHour, SmsUse
from controlplane.tenancy import public


def look_at_ceiling() -> None:
    """Write to operations, once an hour, when this transaction has reached the ceiling."""
    from controlplane.outbox.models import Message

    with public():
        if not SmsUse.objects.is_above_ceiling(1) or not CeilingHour.objects.begin():
            return
        for operator in Operator.objects.filter(user__is_active=True, user__email__isnull=False).select_related("user"):
            with operator.user.spoken_to():
                subject, body = _words()
            Message.queue(Message.Channel.MAIL, str(operator.user.email), subject=subject, body=body)


def _words() -> tuple[str, str]:
    body = _(
        "%(time)sに、ショートメールの数が1時間の上限に達しました。\n\nこの時間が終わるまで、登録ずみの方の番号と、"
        "緊急のお知らせだけを送ります。\n運営のページで、どの団体が多く送っているかを見てください。"
    )
    time = f"{timezone.localtime():%H:%M}"
    return _("【回覧】ショートメールが、1時間の上限に達しました"), body % {"time": time}
