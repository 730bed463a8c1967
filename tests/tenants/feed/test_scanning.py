"""The virus scanner: what it knows is refused and noted, what it cannot look at waits, as the setting says."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from controlplane.audit.models import Entry
from controlplane.tenancy import bound
from infra.dev.doubles.clamd import EICAR
from infra.dev.ports import free_port
from tenants.feed.models import Attachment
from tenants.feed.uploads import clean
from tests.tenants.feed.hostile.pictures import drawn


def refusal(content: bytes) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        clean(SimpleUploadedFile("photo.jpg", content))
    return refused.value


@pytest.fixture
def says(settings, tmp_path: Path) -> Iterator:
    """A scanner on a unix socket that hears little and gives this answer."""
    place, listener = tmp_path / "clamd.sock", socket.socket(socket.AF_UNIX)
    listener.bind(str(place))
    listener.listen()

    def says(answer: bytes) -> None:
        def once() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(20)
                line.sendall(answer)

        settings.CLAMD_URL = f"unix://{place}"
        Thread(target=once, daemon=True).start()

    yield says
    listener.close()


def test_a_file_the_scanner_knows_is_refused_and_noted(officer, tonan):
    with bound(tonan):
        before = Attachment.objects.count()
        with pytest.raises(ValidationError) as refused:
            Attachment.objects.receive(SimpleUploadedFile("photo.jpg", drawn() + EICAR), by=officer)
        assert refused.value.code == "infected"
        assert "あぶないもの" in refused.value.messages[0]
        entry = Entry.objects.get(verb="attachment.infected")
        assert entry.data["found"] == "Eicar-Test-Signature"
        assert Attachment.objects.count() == before


def test_the_page_says_so_beside_the_field(client_for, officer, tonan):
    answer = client_for(officer).post(
        "/posts/new/", {"kind": "notice", "photos": [SimpleUploadedFile("p.jpg", drawn() + EICAR)], "stay": "1"}
    )
    assert "あぶないもの" in answer.content.decode()
    with bound(tonan):
        assert Entry.objects.filter(verb="attachment.infected").exists()


def test_a_clean_file_is_taken():
    assert clean(SimpleUploadedFile("photo.jpg", drawn())).kind == "photo"


def test_without_a_scanner_nobody_is_asked(settings):
    settings.CLAMD_URL = ""
    assert clean(SimpleUploadedFile("photo.jpg", drawn() + EICAR)).kind == "photo"


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"x" * 9000, b"stream: OK and more\0"]
)
def test_a_scanner_that_cannot_say_means_later(says, answer):
    says(answer)
    refused = refusal(drawn("PNG"))
    assert refused.code == "scanner"
    assert "あとでもう一度" in refused.messages[0]


def test_a_scanner_that_is_down_means_later_unless_it_is_optional(settings):
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    assert refusal(drawn()).code == "scanner"
    settings.CLAMD_OPTIONAL = True
    assert clean(SimpleUploadedFile("photo.jpg", drawn())).kind == "photo"


def test_a_scanner_at_a_unix_socket_is_understood(says):
    says(b"stream: Bad.Thing FOUND\0")
    assert refusal(drawn()).code == "infected"
