"""The object store as tests look into it: while they have an association bound, which the product may not."""

from io import BytesIO
from typing import Any

from django.core.files import storage

from controlplane.tenancy.waiting import waits_on_purpose


class _Looking:
    """Every method of the real one, whatever transaction is open."""

    def open(self, name: str) -> BytesIO:
        with waits_on_purpose("a test looks"), storage.default_storage.open(name) as stored:
            return BytesIO(stored.read())

    def __getattr__(self, name: str) -> Any:
        found = getattr(storage.default_storage, name)
        if not callable(found):
            return found

        def asked(*args: Any, **options: Any) -> Any:
            with waits_on_purpose("a test looks"):
                return found(*args, **options)

        return asked


default_storage = _Looking()
