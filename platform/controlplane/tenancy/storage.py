"""Object storage under the association's own prefix; outside a binding nothing can be named.

No transaction is open while the store is asked (`waiting`); making a link asks nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from controlplane.tenancy import schemas
from controlplane.tenancy.binding import current
from controlplane.tenancy.waiting import is_for_a_page, refuse_in_transaction

MARKER = ".kairan"
AWAY = "away"  # the code of the refusal
TOGETHER = 1000  # keys in one request to delete


class StorageUnavailable(ValidationError):
    """The object store is away, does not answer in time, or has a fault of its own: worth trying again."""

    def __init__(self) -> None:
        message = _("写真や書類を、いま受け取れません。文章だけ先に出すか、あとでもう一度ためしてください。")
        super().__init__(message, code=AWAY)


class AssociationStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """S3 with every key below `<uuid hex>/`; links are presigned, short and never public."""

    def __init__(self, **options: Any) -> None:
        # In our own thread: one of boto's would not know which transaction it was started in.
        super().__init__(transfer_config=TransferConfig(use_threads=False), **options)
        self._resources: dict[bool, Any] = {}
        self._making = Lock()

    @property
    def connection(self) -> Any:
        """One for pages and one for workers: they wait differently long."""
        hurried = is_for_a_page()
        with self._making:
            if hurried not in self._resources:
                self._resources[hurried] = self._connected(hurried=hurried)
        return self._resources[hurried]

    def _connected(self, *, hurried: bool) -> Any:
        connect, read = settings.WAIT_STORAGE if hurried else settings.WAIT_STORAGE_IN_WORKERS
        attempts = 1 if hurried else 2
        patience = Config(connect_timeout=connect, read_timeout=read, retries={"total_max_attempts": attempts})
        resource = self._create_session().resource(
            "s3",
            region_name=self.region_name,
            use_ssl=self.use_ssl,
            endpoint_url=self.endpoint_url,
            config=self.client_config.merge(patience),
            verify=self.verify,
        )
        resource.meta.client.meta.events.register("before-send.s3", _before_asking)
        return resource

    @property
    def bucket(self) -> Any:
        return self.connection.Bucket(self.bucket_name)

    def _normalize_name(self, name: str) -> str:
        prefix = f"{current().key}/"
        normalized: str = super()._normalize_name(f"{prefix}{name}")
        if not normalized.startswith(prefix):  # ".." led out of the association's own prefix
            raise SuspiciousFileOperation(name)
        return normalized

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name; raise StorageUnavailable. The row that names them comes afterwards."""
        with _in_our_words():
            self.save(name, ContentFile(content))

    def get(self, name: str) -> bytes:
        """The bytes under a name; raise FileNotFoundError or StorageUnavailable."""
        with _in_our_words(), self.open(name) as stored:
            content: bytes = stored.read()
        return content

    def discard(self, *names: str) -> None:
        """Delete objects of the bound association once the current transaction has committed."""
        keys = [self._normalize_name(clean_name(name)) for name in names]
        if keys:
            transaction.on_commit(lambda: self._delete_keys(keys), robust=True)  # unbound by then, hence whole keys

    def _delete_keys(self, keys: list[str]) -> None:
        """A store that is away costs one wait, not one for each key; what is left behind is swept."""
        for start in range(0, len(keys), TOGETHER):
            some = [{"Key": key} for key in keys[start : start + TOGETHER]]
            with _in_our_words():
                self.bucket.delete_objects(Delete={"Objects": some, "Quiet": True})

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


def _before_asking(**_request: Any) -> None:
    """Called by botocore for every request it is about to send, by whichever method."""
    refuse_in_transaction("The object store")


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except BotoCoreError as error:
        raise StorageUnavailable from error
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
            raise
        raise StorageUnavailable from error
