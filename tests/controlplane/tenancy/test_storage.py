"""Object storage stays under the association's own prefix, and gives back what it was given."""

import pytest
import requests
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile

from controlplane.tenancy import Unbound, bound
from tests.stored import default_storage


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


def test_the_bucket_is_private(tonan):
    """Nobody reads, lists, writes or deletes without a signature, whatever path is tried."""
    with bound(tonan):
        default_storage.save("attachments/z", ContentFile(b"z"))
        bare = default_storage.url("attachments/z").split("?")[0]
    bucket = bare[: bare.index(tonan.uuid.hex)]
    calls = [
        ("GET", bare),
        ("HEAD", bare),
        ("PUT", bare),
        ("DELETE", bare),
        ("GET", bucket),
        ("GET", f"{bucket}?list-type=2"),
    ]
    for method, url in calls:
        assert requests.request(method, url, timeout=5).status_code in (400, 401, 403), (method, url)
    with bound(tonan):
        assert default_storage.exists("attachments/z")


def test_a_link_is_for_one_name_and_for_five_minutes(tonan, fujishiro):
    with bound(fujishiro):
        default_storage.save("attachments/a", ContentFile(b"theirs"))
    with bound(tonan):
        default_storage.save("attachments/a", ContentFile(b"ours"))
        link = default_storage.url("attachments/a")
    assert "X-Amz-Expires=300" in link
    assert requests.get(link, timeout=5).content == b"ours"
    for other in (
        link.replace(tonan.uuid.hex, fujishiro.uuid.hex),
        link.replace("attachments/a", f"../{fujishiro.uuid.hex}/attachments/a"),
        link.replace("attachments/a", f"attachments/..%2F..%2F{fujishiro.uuid.hex}%2Fattachments%2Fa"),
        link.replace("X-Amz-Expires=300", "X-Amz-Expires=86400"),
    ):
        answer = requests.get(other, timeout=5)
        assert answer.status_code in (400, 401, 403, 404)
        assert b"theirs" not in answer.content


def test_a_document_is_saved_as_what_it_is(tonan):
    """Fixed in the signed link: whoever changes the type or the disposition has no link any more."""
    with bound(tonan):
        default_storage.save("attachments/b", ContentFile(b"%PDF-"))
        link = default_storage.link("attachments/b", filename="当番表.pdf", content_type="application/pdf")
    assert "response-content-type=application%2Fpdf" in link
    assert "response-content-disposition=attachment" in link
    answer = requests.get(link, timeout=5)
    assert answer.content == b"%PDF-"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert requests.get(link.replace("application%2Fpdf", "text%2Fhtml"), timeout=5).status_code in (400, 401, 403)
