"""Documents that go along with a bulletin: kept once, under nobody's prefix, and shown by every feed it stands in.

Schema: public only. What is kept is the clean copy that the safe intake has made; `bulletin` is the draft's id, which
is the bulletin's when it is sent.
"""

import re
from typing import ClassVar, Protocol, cast
from uuid import UUID

from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils.crypto import get_random_string
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from controlplane.tenancy import between_transactions, public
from controlplane.tenancy.storage import AssociationStorage

FOLDER = "bulletins"
SHARED = f"public/{FOLDER}/"  # how the key of such a document begins where a feed's attachment names it
KEY = re.compile(FOLDER + r"/[A-Za-z0-9]{32}(-preview)?")
AT_MOST = 5


class Clean(Protocol):
    """As the intake hands it on (tenants.feed.uploads)."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def preview(self) -> bytes | None: ...
    @property
    def pages(self) -> int | None: ...
    @property
    def text(self) -> str: ...


class BulletinFileQuerySet(models.QuerySet["BulletinFile"]):
    def keep(self, bulletin: UUID, clean: Clean) -> "BulletinFile":
        """Store a clean copy. Raises ValidationError for what is no document, and when there are enough."""
        if clean.kind != "document":
            raise ValidationError(
                _("のせられるのは書類（PDF）です。写真は、PDFにしてからのせてください。"), code="kind"
            )
        if self.filter(bulletin=bulletin).count() >= AT_MOST:
            raise ValidationError(_("書類は%(count)sつまでです。") % {"count": AT_MOST}, code="many")
        key = f"{FOLDER}/{get_random_string(32)}"
        preview_key = f"{key}-preview" if clean.preview else ""
        with public(), between_transactions():
            store = cast(AssociationStorage, default_storage)
            store.put(key, clean.content)
            if clean.preview:
                store.put(preview_key, clean.preview)
        return self.create(
            bulletin=bulletin,
            name=clean.name,
            content_type=clean.content_type,
            size=len(clean.content),
            pages=clean.pages,
            text=clean.text,
            key=key,
            preview_key=preview_key,
        )

    @transaction.atomic
    def forget(self) -> None:
        """Take away the rows, and their objects once this has been committed. Only of what was never sent."""
        keys = [key for each in self for key in (each.key, each.preview_key) if key]
        with public():
            default_storage.discard(*keys)  # type: ignore[attr-defined]
        self.delete()


class BulletinFile(models.Model):
    bulletin = models.UUIDField(db_index=True)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)  # its own words, for the search of every feed
    key = models.CharField(max_length=80)
    preview_key = models.CharField(max_length=80, blank=True)

    objects: ClassVar[BulletinFileQuerySet] = BulletinFileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def shared_keys(self) -> dict[str, str]:
        """Where it lies, as the attachments of feeds name it."""
        return {"key": f"public/{self.key}", "preview_key": self.preview_key and f"public/{self.preview_key}"}

    def link(self, *, preview: bool = False) -> str:
        return link(self.preview_key, "", "image/webp") if preview else link(self.key, self.name, self.content_type)


def link(key: str, name: str, content_type: str) -> str:
    """A presigned link for five minutes; what has a name is saved under it, never run beside our pages."""
    if not KEY.fullmatch(key):
        raise SuspiciousFileOperation(key)
    said = {"ResponseContentType": content_type}
    if name:
        said["ResponseContentDisposition"] = content_disposition_header(True, name) or ""
    with public():
        return str(default_storage.url(key, parameters=said))  # type: ignore[call-arg]
