"""Room (置き場): how much of its gigabytes an association uses. What is kept can be read however full it is."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models import Association
from controlplane.tenancy import public
from controlplane.tenancy.binding import current, current_uuid
from controlplane.tenancy.turns import one_at_a_time

ALMOST = 0.8
FULL = "room"  # the code of the refusal


@dataclass(frozen=True)
class Room:
    used: int
    limit: int

    @classmethod
    def now(cls) -> "Room":
        uuid = current_uuid()
        with public():
            limit = Association.objects.get(pk=uuid).storage_bytes
        return cls(used=_used(), limit=limit)

    @classmethod
    def hold(cls, size: int) -> None:
        """Raise ValidationError unless so many bytes more fit. Until this transaction ends, others wait to ask."""
        one_at_a_time(f"room:{current().key}")
        if cls.now().left < size:
            raise ValidationError(
                _("写真と書類の置き場が、いっぱいです。いらない写真を消すか、役員に伝えてください。"), code=FULL
            )

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def is_full(self) -> bool:
        return self.used >= self.limit

    @property
    def is_almost_full(self) -> bool:
        return self.used >= self.limit * ALMOST


def _used() -> int:
    """Copies and their small pictures, what has arrived of files on their way in, and what is about to be kept."""
    from tenants.feed.models.attachments import Attachment
    from tenants.feed.models.uploads import Upload

    coming = Upload.objects.filter(attachment=None, expires_at__gt=timezone.now()).aggregate(
        total=Sum("received", default=0)
    )["total"]
    return Attachment.objects.total_size() + int(coming)
