"""What two people may change at once: whoever saves second is told, instead of undoing what the first one did."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _


class EditedMeanwhile(ValidationError):
    """Somebody saved it after this form was opened. `now` is what stands there; `trail` tells who did what to what."""

    def __init__(self, now: Any, *trail: models.Model) -> None:
        self.now, self.trail = now, trail or (now,)
        super().__init__({"version": _("ほかの方が先になおしました。いまの内容をたしかめて、もう一度出してください。")})


class Versioned(models.Model):
    """A row that counts its changes. A verb that changes it begins with `locked` and writes with `put`.

    The version a writer had before them comes with what they send; without one, they are taken to have seen the newest.
    """

    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        abstract: ClassVar = True

    def locked(self, version: int | None = None, *related: str) -> Self:
        """The row as it stands now, locked against others who change it, and read with what it is `related` to.

        Raises EditedMeanwhile when it is not the version the writer had before them.
        """
        rows = type(self)._base_manager.select_for_update(of=("self",), no_key=True)
        row: Self = rows.select_related(*related).get(pk=self.pk) if related else rows.get(pk=self.pk)
        row.must_be(version)
        return row

    def must_be(self, version: int | None) -> None:
        if version is not None and version != self.version:
            raise EditedMeanwhile(self)

    def put(self, *names: str) -> None:
        """Write these fields of a locked row and no others, as its next version."""
        kept = [field.name for field in self._meta.concrete_fields if getattr(field, "auto_now", False)]
        self.version += 1
        self.save(update_fields=[*names, *kept, "version"])

    def follow(self, row: Self) -> None:
        """Be as the row that was locked and written: for who fetched this before."""
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(row, field.attname))
        self.__dict__.pop("_prefetched_objects_cache", None)
