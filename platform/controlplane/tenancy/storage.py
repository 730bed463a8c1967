"""Object storage under the association's own prefix; outside a binding nothing can be named."""

from typing import Any

from storages.backends.s3 import S3Storage

from controlplane.tenancy.binding import current


class AssociationStorage(S3Storage):
    """S3 with every key below `<uuid hex>/`; links are presigned, short and never public."""

    def _normalize_name(self, name: str) -> str:
        normalized: str = super()._normalize_name(f"{current().key}/{name}")
        return normalized

    def exists_prefix(self) -> bool:
        """Whether the bucket answers for the bound association's prefix (a cheap write-and-read check)."""
        from django.core.files.base import ContentFile

        marker = ".kairan"
        if not self.exists(marker):
            self.save(marker, ContentFile(current().key.encode()))
        with self.open(marker) as stored:
            content: Any = stored.read()
        return bytes(content) == current().key.encode()
