"""What a line of the log says of a request, and what no line says: codes, tokens, addresses, numbers."""

import json
import logging

import pytest
import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from controlplane.accounts.models import ApiToken, User
from controlplane.outbox.models import Message
from controlplane.tenancy import Purpose, bound, public, sign
from controlplane.tenancy.logs import hidden
from tenants.members.models import Invitation

log = structlog.get_logger()


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        form = dict(settings.LOGGING["formatters"]["line"])
        self.setFormatter(form.pop("()")(**form))
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))

    def answered(self) -> list[dict]:
        return [line for line in map(json.loads, self.written) if line["event"] == "answered"]


@pytest.fixture
def lines():
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def test_a_line_says_which_page_was_answered_for_whom_and_how_long_it_took(tonan, member, client_for, lines):
    answer = client_for(member).get("/posts/1/?from=mail", headers={"X-Request-Id": "from-the-balancer"})
    [line] = lines.answered()
    assert line["route"] == "/posts/<int:pk>/"
    assert (line["method"], line["status"]) == ("GET", answer.status_code)
    assert line["association"] == tonan.uuid.hex
    assert line["ms"] > 0
    assert line["request"] == answer["X-Request-Id"] == "from-the-balancer"


def test_the_feed_s_short_cut_is_told_too(tonan, member, browser, lines):
    with bound(tonan):
        secret = ApiToken.objects.issue(member.user)[1]
    browser(tonan).get("/api/v1/posts/", headers={"Authorization": f"Token {secret}"})
    [line] = lines.answered()
    assert (line["route"], line["status"]) == ("/api/v1/posts/", 200)
    assert secret not in "".join(lines.written)


def test_a_request_id_nobody_would_give_is_not_repeated(tonan, browser, lines):
    answer = browser(tonan).get("/sign-in/", headers={"X-Request-Id": 'x"}\n{"event": "forged"'})
    assert "forged" not in answer["X-Request-Id"]
    assert "forged" not in "".join(lines.written)


def test_the_next_request_of_a_thread_knows_nothing_of_the_last(tonan, browser, apex, lines):
    browser(tonan).get("/sign-in/")
    browser(tonan).get("/", HTTP_HOST="nobody.kairan.localhost")
    assert lines.answered()[-1]["association"] == "-"


def test_nothing_a_link_carries_stands_in_a_line(tonan, officer, browser, apex, client_for, lines):
    """Good ones, forged ones, and those of a page that fails."""
    with bound(tonan):
        _row, code = Invitation.objects.invite(by=officer)
        tokens = [sign(purpose, {"of": 1}) for purpose in Purpose] + [officer.user.email]
    with public():
        tokens += [sign(Purpose.APPLICATION, 1), sign(Purpose.SUPPORT, [1, "x"])]
    for client in (browser(tonan), client_for(officer), apex()):
        client.raise_request_exception = False
        for secret in (code, code.lower(), *tokens, "＋".join(tokens[:2])):
            for path in ("/i/{}/", "/apply/{}/", "/news/stop/{}/", "/support/{}/", "/{}", "/api/v1/{}/", "/posts/{}/"):
                client.get(path.format(secret))
                client.post(path.format(secret))
            client.get(f"/calendar.ics?token={secret}")
    written = "\n".join(lines.written)
    assert len(lines.answered()) > 300
    assert [secret for secret in (code, *tokens) if secret in written or secret.replace(":", "%3A") in written] == []


def test_what_postgresql_complains_of_stands_in_no_line(tonan, member, lines):
    with bound(tonan):
        try:
            with transaction.atomic():
                User.objects.create(email=member.user.email)
        except IntegrityError:
            log.exception("not_kept", key=member.user.email)
            logging.getLogger("django.request").exception("Internal Server Error")
    assert len(lines.written) == 2
    assert member.user.email not in "".join(lines.written)
    assert "duplicate key value" in lines.written[0]


@pytest.mark.parametrize(
    "secret",
    [
        "kaicho@example.jp",
        "090-1234-5678",
        "09012345678",
        "+819012345678",
        "075-611-1144",
        "ABCD-EFGH-JKLM",
        "eyJvZiI6MX0:1wQxyz:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
        "Token 0123456789abcdef0123456789abcdef",
        "?token=abc.def",
        "X-Amz-Signature=0123456789abcdef",
        "__Host-session=abcdefghijkl",
        "postgres://kairan:password@127.0.0.1:5432/kairan",
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(secret):
    for line in (secret, f"about {secret}, said", f"({secret})", f"/path/{secret}/"):
        kept = hidden(line)
        assert secret not in kept
        assert "[" in kept


@pytest.mark.parametrize(
    "word",
    [
        "8b2f6d0e-6f0c-4c5e-9d55-0d3a1c2b4e6f",
        "2026-12-01T02:26:06.123456Z",
        "2026-04-01 to 2027-03-31",
        "a_0123456789abcdef0123456789abcdef",
        "tenants.feed.tasks.hand_out_bulletins",
        'File "/srv/web/views.py", line 120, in test_the_next_request_of_a_thread',
        "1790000000",
        "in_1Mh evt_http 12:30:45",
    ],
)
def test_what_is_no_secret_stays_readable(word):
    assert hidden(f"about {word}.") == f"about {word}."


def test_messages_are_not_among_what_is_hidden(tonan):
    """What a person is sent is no line of a log."""
    with bound(tonan):
        Message.queue(Message.Channel.MAIL, "a@example.jp", subject="題", body="090-1234-5678")
        assert Message.objects.filter(body="090-1234-5678").exists()
