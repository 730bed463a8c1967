"""The dump of a closed association: written, stored apart from its other files, read back and checked.

It lies under `public`, because the association's own prefix is what a drop empties.
"""

import hashlib
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import structlog
from django.core.files import File
from django.core.files.storage import default_storage

from controlplane.tenancy import naming, public
from provisioning import archive

if TYPE_CHECKING:
    from provisioning.models.closures import Closure

CHUNK = 1024 * 1024
log = structlog.get_logger()


class DamagedDump(OSError):
    """The object store gave back something else than it was given, or nothing."""


def make(closure: "Closure") -> None:
    """Make the dump and note it as verified; what went wrong is noted instead, and tried again later. Call unbound."""
    key = f"closures/{closure.association_id.hex}/{closure.pk}.zip"
    try:
        digest, size = _store(closure, key)
        check(closure, key, digest)
    except Exception as error:  # whatever it was is shown to operations, and the schema stays
        log.exception("closure_dump_failed", closure=closure.pk)
        with public():
            closure.note_failed_dump(f"{type(error).__name__}: {error}")
    else:
        with public():
            closure.note_dump(key, digest, size)


def _store(closure: "Closure", key: str) -> tuple[str, int]:
    with TemporaryFile() as file:
        archive.export(closure.association, file)
        digest, size = _digest(file), file.tell()
        with naming(None):
            default_storage.save(key, File(file))
    return digest, size


def check(closure: "Closure", key: str, digest: str) -> None:
    """Fetch the dump and see that it is what was written, and a whole archive of this association. Call unbound."""
    with TemporaryFile() as copy:
        with naming(None):
            fetch(key, digest, copy)
        if archive.verify(copy).association != closure.association_id:
            raise DamagedDump(f"{key} is another association's.")


def fetch(key: str, digest: str, copy: IO[bytes]) -> None:
    """Copy the dump out of the object store; raise DamagedDump unless it is there and to the byte what was stored.

    Call where the platform's own files are named.
    """
    try:
        with default_storage.open(key or "nothing") as stored:
            for chunk in stored.chunks(CHUNK):
                copy.write(chunk)
    except FileNotFoundError as error:
        raise DamagedDump(f"{key or 'The dump'} is not there.") from error
    if _digest(copy) != digest:
        raise DamagedDump(f"{key} is not what was stored.")


def _digest(file: IO[bytes]) -> str:
    """The SHA-256 of all of a file, which then stands at its end."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # any binary file does
    return digest.hexdigest()
