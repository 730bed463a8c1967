"""What a bulletin says and to whom, be it written still or sent. Schema: public only."""

from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from controlplane.associations.models.associations import Association, AssociationQuerySet
from controlplane.associations.models.federations import members_of
from controlplane.cities.models import City
from controlplane.versioned import Versioned

if TYPE_CHECKING:
    from uuid import UUID

    from controlplane.associations.models.bulletin_files import BulletinFileQuerySet

TITLE_LENGTH, BODY_LENGTH, URL_LENGTH = 120, 20_000, 300


class BulletinWords(Versioned):
    """The part that a draft and what is sent of it have alike. Its files carry its id."""

    class Audience(models.TextChoices):
        ALL = "all", gettext_lazy("市全体")
        WARD = "ward", gettext_lazy("区を選ぶ")
        FEDERATION = "federation", gettext_lazy("1つの自治連合会")
        MEMBERS = "members", gettext_lazy("加盟している団体")

    class Kind(models.TextChoices):
        NOTICE = "notice", pgettext_lazy("kind", "お知らせ")
        URGENT = "urgent", gettext_lazy("緊急")

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="%(class)ss", null=True, blank=True)
    federation = models.ForeignKey(
        Association, on_delete=models.CASCADE, related_name="%(class)ss", null=True, blank=True
    )
    audience = models.CharField(max_length=10, choices=Audience)
    ward = models.CharField(max_length=20, blank=True)
    to_federation = models.ForeignKey(
        Association, on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    # Uuids among the federation's members, none being all of them; or wards, where they are more than one.
    chosen = models.JSONField(default=list, blank=True)
    officers_only = models.BooleanField(default=False, db_default=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTICE)
    title = models.CharField(max_length=TITLE_LENGTH)
    body = models.TextField(max_length=BODY_LENGTH)
    url = models.URLField(max_length=URL_LENGTH, blank=True, default="", db_default="")
    by = models.CharField(max_length=80)

    # Set by each of the two.
    pk: "UUID"

    class Meta:
        abstract: ClassVar = True

    def __str__(self) -> str:
        return self.title

    @property
    def source(self) -> str:
        """city | federation"""
        return "city" if self.city_id else "federation"

    @property
    def sender(self) -> str:
        return str(self.city or self.federation)

    @property
    def wards(self) -> list[str]:
        """Where it goes to wards: which."""
        if self.audience != self.Audience.WARD:
            return []
        return self.chosen or ([self.ward] if self.ward else [])

    @property
    def to(self) -> str:
        """Whom it is for, in words."""
        if self.to_federation and self.audience == self.Audience.FEDERATION:
            return str(self.to_federation)
        return _("・").join(self.wards) or str(self.get_audience_display())

    @property
    def files(self) -> "BulletinFileQuerySet":
        from controlplane.associations.models.bulletin_files import BulletinFile

        return BulletinFile.objects.filter(bulletin=self.pk)

    @property
    def text(self) -> str:
        """What stands in a feed: the page it leads to comes last."""
        return f"{self.body}\n\n{self.url}" if self.url else self.body

    def recipients(self) -> AssociationQuerySet:
        """Sites that are open, or will be again: a suspended one gets it later."""
        if self.city is None:
            found = members_of(self.federation) if self.federation else Association.objects.none()
            found = found.filter(pk__in=self.chosen) if self.chosen else found
        else:
            found = Association.objects.filter(city=self.city)
        if self.audience == self.Audience.WARD:
            found = found.filter(ward__in=self.wards)
        if self.audience == self.Audience.FEDERATION and self.to_federation:
            found = found.filter(Q(pk__in=members_of(self.to_federation).values("pk")) | Q(pk=self.to_federation_id))
        return found.not_closed().filter(live_at__isnull=False)

    def check_words(self) -> None:
        self.title, self.body = self.title.strip(), self.body.strip()
        errors: dict[str, str] = {}
        if not self.title:
            errors["title"] = _("題名が、まだ入っていません。")
        if not self.body:
            errors["body"] = _("本文が、まだ入っていません。")
        if len(self.title) > TITLE_LENGTH:
            errors["title"] = _("題名は120文字までです。")
        if len(self.body) > BODY_LENGTH:
            errors["body"] = _("本文は2万文字までです。")
        try:
            if self.url:
                URLValidator(schemes=["https", "http"])(self.url)
        except ValidationError:
            errors["url"] = _("つなぐページは、https:// から入れてください。")
        if errors:
            raise ValidationError(errors)

    def check_audience(self) -> None:
        if (self.audience == self.Audience.MEMBERS) != (self.city is None):
            raise ValidationError({"audience": _("届け先を選んでください。")})
        if self.audience == self.Audience.WARD and not self.wards:
            raise ValidationError({"ward": _("どの区に届けるか、選んでください。")})
        if self.audience == self.Audience.FEDERATION:
            to = self.to_federation
            if to is None or to.kind != Association.Kind.FEDERATION or to.city_id != self.city_id:
                raise ValidationError({"to_federation": _("どの自治連合会に届けるか、選んでください。")})
        if self.city is None and not self.recipients().exists():
            raise ValidationError({"audience": _("受け取る団体が、まだありません。加盟をお願いして、返事を待ちます。")})
