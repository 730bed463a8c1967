"""Slug, role, schema, tables, storage: the house before anybody moves in."""

from typing import TYPE_CHECKING, cast

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy

from controlplane.associations.models import Association
from controlplane.tenancy import naming, public, schemas
from controlplane.tenancy.storage import MARKER, AssociationStorage
from provisioning.models.releases import SchemaRelease
from provisioning.models.spares import Spare

if TYPE_CHECKING:
    from provisioning.models.runs import Run


class ReserveSlug:
    name = "slug"
    label = gettext_lazy("アドレスをとる")

    def done(self, run: "Run") -> bool:
        with public():
            return Association.objects.filter(pk=run.association_id).exists()

    def do(self, run: "Run") -> None:
        raise RuntimeError("The association's row is gone; approve the application again.")


class MakeRole:
    name = "role"
    label = gettext_lazy("データベースの鍵を作る")

    def done(self, run: "Run") -> bool:
        return schemas.role_exists(run.association_id)

    def do(self, run: "Run") -> None:
        """A spare brings role, schema and tables in one rename; without one they are made step by step."""
        if not Spare.objects.hand_out(run.association_id):
            schemas.create_role(run.association_id)


class MakeSchema:
    name = "schema"
    label = gettext_lazy("専用の場所を作る")

    def done(self, run: "Run") -> bool:
        return schemas.schema_ready(run.association_id)

    def do(self, run: "Run") -> None:
        with transaction.atomic():
            schemas.create_schema(run.association_id)


class MakeTables:
    name = "tables"
    label = gettext_lazy("ページの中身を用意する")

    def done(self, run: "Run") -> bool:
        with public():
            noted = SchemaRelease.objects.filter(association=run.association_id).exists()
        return noted and not schemas.missing_migrations(run.association_id)

    def do(self, run: "Run") -> None:
        schemas.make_tables(run.association_id)
        with public():
            SchemaRelease.note(run.association_id)


class PrepareStorage:
    name = "storage"
    label = gettext_lazy("写真と書類の置き場を用意する")

    def done(self, run: "Run") -> bool:
        with naming(run.association):
            return bool(default_storage.exists(MARKER))

    def do(self, run: "Run") -> None:
        with naming(run.association):
            cast(AssociationStorage, default_storage).prepare()
