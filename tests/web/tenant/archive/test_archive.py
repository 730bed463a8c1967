"""The representative takes the association's data along; nobody else finds the page, and nobody else the file."""

from datetime import timedelta

import pytest
import requests
from django.test import Client
from django.utils import timezone

from controlplane.audit.models import Entry
from controlplane.tenancy import public
from provisioning.models import Archive

URL = "/menu/archive/"


def text(answer) -> str:
    return answer.content.decode()


def kept(tonan, **changes) -> Archive:
    now = timezone.now()
    fields = {"kind": "export", "state": "ready", "size": 1_500_000, "sha256": "ab" * 32, "key": "archives/x.zip"}
    fields |= {"finished_at": now, "expires_at": now + timedelta(days=7)} | changes
    with public():
        return Archive.objects.create(association=tonan, **fields)


def test_the_page_says_what_is_inside_and_starts_one(client_for, officer, tonan):
    client = client_for(officer)
    page = text(client.get(URL))
    assert "名前・住所・連絡先が入っています" in page
    assert client.post(URL)["Location"] == URL
    with public():
        archive = Archive.objects.get(association=tonan)
        assert (archive.state, archive.kind) == ("waiting", "export")
        assert Entry.objects.get(verb="archive.ask").actor == "代表者"
    page = text(client.get(URL))
    assert "つくっています" in page
    assert 'hx-trigger="every 2s"' in page
    assert "ファイルをつくる" not in page


def test_pressing_twice_is_one(client_for, officer, tonan):
    client = client_for(officer)
    client.post(URL)
    client.post(URL)
    with public():
        assert Archive.objects.filter(association=tonan).count() == 1


def test_it_shows_how_far_it_has_come(client_for, officer, tonan):
    kept(tonan, state="making", done=3, total=12)
    part = client_for(officer).get(URL, HTTP_HX_REQUEST="true")
    assert "12のうち3がすみました" in text(part)
    assert "<html" not in text(part)


def test_a_ready_one_is_fetched_by_a_short_link(client_for, officer, tonan):
    archive = kept(tonan)
    client = client_for(officer)
    page = text(client.get(URL))
    assert "できました" in page
    assert "1.5" in page
    answer = client.get(f"{URL}{archive.pk}/file/")
    assert answer.status_code == 302
    assert f"{tonan.uuid.hex}/archives/x.zip" in answer["Location"]
    assert "X-Amz-Expires=300" in answer["Location"]
    with public():
        assert Entry.objects.filter(verb="archive.fetch").exists()


@pytest.mark.parametrize(
    "changes", [{"state": "waiting"}, {"state": "failed"}, {"state": "removed"}, {"expires_at": timezone.now()}]
)
def test_one_that_is_not_ready_is_not_handed_out(client_for, officer, tonan, changes):
    archive = kept(tonan, **changes)
    assert client_for(officer).get(f"{URL}{archive.pk}/file/").status_code == 404


def test_what_was_kept_before_a_restore_is_operations_alone(client_for, officer, tonan):
    archive = kept(tonan, kind="safety")
    client = client_for(officer)
    assert "できました" not in text(client.get(URL))
    assert client.get(f"{URL}{archive.pk}/file/").status_code == 404


def test_another_association_s_is_not_found(client_for, officer, fujishiro):
    archive = kept(fujishiro)
    client = client_for(officer)
    assert "できました" not in text(client.get(URL))
    assert client.get(f"{URL}{archive.pk}/file/").status_code == 404


def test_a_failure_is_told_and_can_be_tried_again(client_for, officer, tonan):
    kept(tonan, state="failed", error="OSError: disk full")
    page = text(client_for(officer).get(URL))
    assert "つくれませんでした" in page
    assert "disk full" not in page
    assert "ファイルをつくる" in page


def test_the_limit_of_a_day_is_told(client_for, officer, tonan):
    for _n in range(5):
        kept(tonan)
    answer = client_for(officer).post(URL)
    assert answer.status_code == 422
    assert "1日に作れるのは5回まで" in text(answer)


def test_nobody_but_the_representative_finds_it(client_for, leader, member, outsider, tonan):
    archive = kept(tonan)
    for person in (leader, member):
        client = client_for(person)
        assert client.get(URL).status_code == 404
        assert client.post(URL).status_code == 404
        assert client.get(f"{URL}{archive.pk}/file/").status_code == 404
        assert "記録の書き出し" not in text(client.get("/menu/"))
    foreign = Client(HTTP_HOST="tonan.kairan.localhost")
    foreign.cookies = client_for(outsider).cookies
    assert foreign.get(URL)["Location"].startswith("/sign-in/")


def test_from_the_page_to_the_file(living, run_committed_tasks):
    """The whole way, with commits, task and object store."""
    client = living.client("chair")
    with run_committed_tasks():
        client.post(URL)
    page = text(client.get(URL))
    assert "できました" in page
    with public():
        archive = Archive.objects.get(association=living.uuid)
    link = client.get(f"{URL}{archive.pk}/file/")["Location"]
    assert requests.get(link, timeout=10).content.startswith(b"PK")
