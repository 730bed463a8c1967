"""Object storage under the association's own prefix; outside a binding nothing can be named."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from controlplane.tenancy import schemas
from controlplane.tenancy.binding import current

MARKER = ".kairan"


class AssociationStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """S3 with every key below `<uuid hex>/`; links are presigned, short and never public."""

    def _normalize_name(self, name: str) -> str:
        prefix = f"{current().key}/"
        normalized: str = super()._normalize_name(f"{prefix}{name}")
        if not normalized.startswith(prefix):  # ".." led out of the association's own prefix
            raise SuspiciousFileOperation(name)
        return normalized

    def discard(self, *names: str) -> None:
        """Delete objects of the bound association once the current transaction has committed."""
        keys = [self._normalize_name(clean_name(name)) for name in names]
        if keys:
            transaction.on_commit(lambda: self._delete_keys(keys), robust=True)  # unbound by then, hence whole keys

    def _delete_keys(self, keys: list[str]) -> None:
        for key in keys:
            self.bucket.Object(key).delete()

    def link(self, name: str, *, filename: str, content_type: str = "application/octet-stream") -> str:
        """A presigned link for five minutes under which a browser saves the object as `filename`."""
        disposition = content_disposition_header(True, filename)
        said = {"ResponseContentDisposition": disposition, "ResponseContentType": content_type}
        return str(self.url(name, parameters=said))

    def listed(self, folder: str, *, before: datetime) -> list[str]:
        """The names of the bound association's objects in a folder that were written before a moment."""
        prefix = f"{current().key}/"
        found = self.bucket.objects.filter(Prefix=self._normalize_name(folder) + "/")
        return [each.key.removeprefix(prefix) for each in found if each.last_modified < before]

    def reach(self) -> None:
        """Ask whether the bucket is there; raise what the store, or the way to it, says otherwise. Needs no binding."""
        self.connection.meta.client.head_bucket(Bucket=self.bucket_name)

    def prepare(self) -> None:
        """Write and read back a marker under the bound association's prefix; raise OSError if that fails."""
        if not self.exists(MARKER):
            self.save(MARKER, ContentFile(current().key.encode()))
        with self.open(MARKER) as stored:
            if stored.read() != current().key.encode():
                raise OSError("The object store did not give back what it was given.")

    def empty(self, uuid: UUID) -> None:
        """Delete every object of an association whose schema is gone; before that, nobody may. Needs no binding."""
        if schemas.schema_stamp(uuid) is not None:
            raise PermissionError("The association's schema is still there; its files stay with it.")
        self.bucket.objects.filter(Prefix=f"{uuid.hex}/").delete()
