"""The watch over cache, object store, logs and mails can fail: each planted leak is seen."""

import logging

import pytest
import structlog
from django.core.cache import cache, caches
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage

from controlplane.tenancy import bound
from tests import leaks
from tests.conftest import CANARY
from tests.stored import default_storage

log = structlog.get_logger()


def test_a_foreign_word_in_a_cache_value_is_seen(tonan):
    with bound(tonan):
        cache.set("ours", CANARY["tonan"])
        assert leaks.in_cache() == []
        cache.set("theirs", ["...", CANARY["fujishiro"]])
        assert [leak for leak in leaks.in_cache() if leak.endswith("theirs")]
        cache.delete("theirs")


def test_a_cache_key_without_an_owner_is_seen(tonan):
    client = caches["default"]._cache.get_client()
    client.set("somebody:1:x", b"1")
    assert leaks.in_cache() == ["cache: somebody:1:x"]
    client.delete("somebody:1:x")


def test_a_foreign_word_in_an_object_is_seen(tonan):
    with bound(tonan):
        default_storage.save("leak/ours", ContentFile(CANARY["tonan"].encode()))
        assert leaks.in_object_store() == []
        default_storage.save("leak/theirs", ContentFile(CANARY["fujishiro"].encode()))
        assert leaks.in_object_store() == [f"object store: {tonan.uuid.hex}/leak/theirs"]
        default_storage.delete("leak/theirs")
        default_storage.delete("leak/ours")


@pytest.mark.parametrize("say", [logging.getLogger("django.request").warning, log.warning], ids=["django", "structlog"])
def test_a_foreign_word_in_a_log_line_is_seen(tonan, say):
    structlog.contextvars.clear_contextvars()  # a request before this test has left its own
    with bound(tonan):
        say(f"about {CANARY['tonan']}")
        assert leaks.since_last() == []
        say(f"about {CANARY['fujishiro']}")
        assert len(leaks.since_last()) == 1
    say(f"about {CANARY['tonan']}, said where nothing is bound")
    assert len(leaks.since_last()) == 1


def test_a_foreign_word_in_a_mail_is_seen(tonan, mailoutbox):
    letter = EmailMessage("題", CANARY["tonan"], to=["a@example.jp"], headers={"X-Kairan-Association": str(tonan.uuid)})
    letter.send()
    assert leaks.in_letters() == []
    letter.body = CANARY["fujishiro"]
    letter.send()
    assert len(leaks.in_letters()) > 0
    mailoutbox.clear()
