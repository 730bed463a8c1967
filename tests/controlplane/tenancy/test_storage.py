"""Object storage stays under the association's own prefix, and gives back what it was given."""

import pytest
import requests
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from controlplane.tenancy import Unbound, bound


def test_a_file_is_found_at_home_only(tonan, fujishiro):
    with bound(tonan):
        default_storage.save("attachments/x", ContentFile("桃南だけの話".encode()))
        link = default_storage.url("attachments/x")
    assert requests.get(link, timeout=5).content.decode() == "桃南だけの話"
    with bound(fujishiro):
        assert not default_storage.exists("attachments/x")


def test_a_link_without_its_signature_is_refused(tonan):
    with bound(tonan):
        default_storage.save("attachments/y", ContentFile(b"y"))
        link = default_storage.url("attachments/y")
    assert requests.get(link.split("?")[0], timeout=5).status_code in (400, 401, 403)


@pytest.mark.parametrize("act", ["url", "open", "exists", "delete"])
def test_no_name_leads_out_of_the_prefix(tonan, fujishiro, act):
    for name in (f"../{fujishiro.uuid.hex}/x", f"a/../../{fujishiro.uuid.hex}/x", "../public/x"):
        with bound(tonan), pytest.raises(SuspiciousFileOperation):
            getattr(default_storage, act)(name)


def test_nothing_is_named_unbound(db):
    with pytest.raises(Unbound):
        default_storage.url("x")
