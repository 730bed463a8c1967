"""What is sent is waited for before anything is held for it, and half of it is nothing."""

from io import BytesIO
from threading import Event, Thread

import pytest
from django.conf import settings as configured
from django.http import HttpResponse
from django.test import RequestFactory

from controlplane.tenancy.middleware.admission import AdmissionMiddleware
from web.arrival import ArrivalMiddleware

NEAR, FAR = "203.0.113.5", "198.51.100.7"


class Silent(BytesIO):
    """A line on which some bytes came, and then nothing."""

    def __init__(self):
        super().__init__(b"a=1")
        self.asked, self.ended = Event(), Event()

    def read(self, *size):
        self.asked.set()
        assert self.ended.wait(30)
        return super().read(*size)


def _sent(stream, address, length=3):
    request = RequestFactory().post("/posts/new/", REMOTE_ADDR=address, HTTP_HOST="tonan.kairan.localhost")
    request.META["CONTENT_LENGTH"], request._stream = str(length), stream
    return request


@pytest.fixture
def server(settings):
    """One place and room for two bodies on their way, in the order of the settings."""
    settings.WEB_PLACES, settings.WEB_ARRIVALS, settings.ASSOCIATION_SHARE = 1, 2, 0
    order = [name for name in configured.MIDDLEWARE if name.endswith(("ArrivalMiddleware", "AdmissionMiddleware"))]
    kinds = {kind.__name__: kind for kind in (ArrivalMiddleware, AdmissionMiddleware)}

    def answer(request):
        return HttpResponse(request.read() if request.method == "POST" else b"read")

    for name in reversed(order):
        answer = kinds[name.rpartition(".")[2]](answer)
    return answer


@pytest.fixture
def stalled(server):
    """Somebody near sends a few bytes and then nothing."""
    line, answers = Silent(), []
    sender = Thread(target=lambda: answers.append(server(_sent(line, NEAR))))
    sender.start()
    assert line.asked.wait(30)
    yield answers
    line.ended.set()
    sender.join()
    assert [answer.content for answer in answers] == [b"a=1"]


def test_what_is_still_on_its_way_holds_no_place(server, stalled):
    assert server(RequestFactory().get("/", HTTP_HOST="tonan.kairan.localhost")).content == b"read"
    assert server(_sent(BytesIO(b"b=2"), FAR)).content == b"b=2"
    assert not stalled


def test_one_address_uses_no_more_than_half_of_the_lines(server, stalled):
    refused = server(_sent(BytesIO(b"b=2"), NEAR))
    assert (refused.status_code, refused["Retry-After"]) == (503, "10")


def test_what_broke_off_half_way_is_not_done(server):
    assert server(_sent(BytesIO(b"title=half"), NEAR, length=400)).status_code == 400


@pytest.mark.parametrize("ends", [b"", OSError("reset by peer")], ids=["it ends", "it breaks"])
def test_a_piece_of_a_file_counts_as_far_as_it_came(server, ends):
    class Line(BytesIO):
        def read(self, *size):
            some = super().read(*size)
            if not some and isinstance(ends, OSError):
                raise ends
            return some

    form, piece = (_sent(Line(b"as far as it c"), FAR, length=400) for _n in range(2))
    piece.content_type = "application/offset+octet-stream"
    assert (server(form).status_code, server(piece).content) == (400, b"as far as it c")


def test_more_than_any_form_sends_is_refused_before_it_is_read(browser, tonan, settings):
    settings.ATTACHMENT_MAX_BYTES = 100
    answer = browser(tonan).post("/sign-in/", {"contact": "x" * 3000})
    assert answer.status_code == 413
