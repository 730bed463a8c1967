"""Object storage under the association's own prefix; outside a binding nothing can be named."""

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

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

    def prepare(self) -> None:
        """Write and read back a marker under the bound association's prefix; raise OSError if that fails."""
        if not self.exists(MARKER):
            self.save(MARKER, ContentFile(current().key.encode()))
        with self.open(MARKER) as stored:
            if stored.read() != current().key.encode():
                raise OSError("The object store did not give back what it was given.")
