"""Small shapes that several resources share."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.serializers import Serializer

from tenants.communities.models import Community
from tenants.members.models import Group, Member, Seat

MOST = 2**31 - 1  # of a whole number, in a row
VERSION = "Send it back with a change to learn of somebody else's."


class GroupRef(Serializer[Group]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class SeatRef(Serializer[Seat]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Seat.Kind.choices)


class MemberRef(Serializer[Member]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class CommunityRef(Serializer[Community]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class LineField(serializers.CharField):
    """One line of words, as the pages' own fields take it: no line break, nothing that turns or hides writing."""

    default_error_messages: ClassVar = {"control": _("使えない文字が入っています。")}
    turning: ClassVar = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text and not any(unicodedata.category(letter)[0] in "LNPS" for letter in text):
            self.fail("blank")
        if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} or letter in self.turning for letter in text):
            self.fail("control")
        return text


class DayField(serializers.DateField):
    """A day somebody alive could mean."""

    default_error_messages: ClassVar = {"far": _("2000年から2100年のあいだの日付にしてください。")}

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if not 2000 <= day.year <= 2100:
            self.fail("far")
        return day


class CodeField(serializers.CharField):
    """Digits in any width and spacing."""

    def to_internal_value(self, data: Any) -> str:
        return "".join(unicodedata.normalize("NFKC", super().to_internal_value(data)).replace("-", "").split())


class Versioned(Serializer[Any]):
    """What is sent to change something carries the version it was made to, here or as `If-Match`."""

    version = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST,
        help_text="The one the change was made to: 409, with what stands there, when there is a newer one. "
        "`If-Match` says the same. Without either the change is made to whatever stands there.",
    )


class ReasonDraft(Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class BySlug(serializers.SlugRelatedField[Any]):
    """A thing named by its slug; what PostgreSQL could not even look for is unknown too."""

    def to_internal_value(self, data: Any) -> Any:
        if "\0" in str(data):
            self.fail("does_not_exist", slug_name=self.slug_field, value="")
        return super().to_internal_value(data)


class Reachable(serializers.PrimaryKeyRelatedField[Any]):
    """An id in a body, looked up among what the caller may name: anything else is refused as unknown."""

    def __init__(self, among: Callable[[Member], QuerySet[Any]], **options: Any) -> None:
        self.among = among
        super().__init__(**options)

    def get_queryset(self) -> QuerySet[Any]:
        return self.among(self.context["member"])


def reachable(model: type[Model], among: Callable[[Member], QuerySet[Any]], **options: Any) -> Reachable:
    return Reachable(among, queryset=model._default_manager.none(), **options)
