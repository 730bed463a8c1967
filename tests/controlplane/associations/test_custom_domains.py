"""An association's own host: asked for, proven by a TXT record, watched, and off when the proof is gone."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from controlplane.associations.models import Association, CustomDomain, Domain
from controlplane.audit.models import Entry
from controlplane.tenancy import public

HOST = "www.tonan-kai.jp"
HERE = "192.0.2.10"


@pytest.fixture
def asked(tonan, nameserver, db):
    with public():
        return CustomDomain.objects.ask(tonan, HOST, by="桃南会 代表者")


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    def act(verb, *arguments, **named):
        with django_capture_on_commit_callbacks(execute=True), public():
            return verb(*arguments, **named)

    return act


def publish(nameserver, domain, value=None):
    nameserver.zones[(domain.record_name, "TXT")] = [value or domain.record_value]


@pytest.fixture
def proven(asked, nameserver, commit):
    publish(nameserver, asked)
    assert commit(asked.verify) == CustomDomain.State.PROVEN
    return asked


@pytest.fixture
def primary(proven, nameserver, commit):
    nameserver.zones[(HOST, "A")] = nameserver.zones[("kairan.localhost", "A")] = [HERE]
    commit(proven.make_primary, by="桃南会 代表者")
    return proven


def status(host, path="/sign-in/"):
    return Client(HTTP_HOST=host).get(path).status_code


# --- asking ---


def test_another_association_s_host_is_refused(proven, fujishiro):
    with public(), pytest.raises(ValidationError, match="ほかの会が使っています"):
        CustomDomain.objects.ask(fujishiro, HOST, by="藤城台自治会 代表者")


def test_five_hosts_are_enough(tonan):
    with public():
        for number in range(5):
            CustomDomain.objects.ask(tonan, f"www{number}.tonan-kai.jp", by="桃南会 代表者")
        with pytest.raises(ValidationError, match="5つまで"):
            CustomDomain.objects.ask(tonan, HOST, by="桃南会 代表者")


# --- the proof ---


def test_a_host_that_is_only_asked_for_leads_nowhere_and_gets_no_certificate(asked):
    assert status(HOST) == 404
    assert Client().get(f"/certz?domain={HOST}").status_code == 404


@pytest.mark.parametrize("value", ["kairan=somebody-else", "kairan=", "v=spf1 -all"])
def test_another_record_proves_nothing(asked, nameserver, value):
    publish(nameserver, asked, value)
    with public():
        assert asked.verify() == CustomDomain.State.PENDING
        assert asked.checked_at
    assert (asked.record_name, "TXT") in nameserver.asked


def test_no_record_and_no_answer_prove_nothing(asked, nameserver):
    with public():
        assert asked.verify() == CustomDomain.State.PENDING
        nameserver.broken.add(asked.record_name)
        assert asked.verify() == CustomDomain.State.PENDING


def test_the_record_may_stand_among_others(asked, nameserver):
    nameserver.zones[(asked.record_name, "TXT")] = ["v=spf1 -all", asked.record_value]
    with public():
        assert asked.verify() == CustomDomain.State.PROVEN


def test_a_proven_host_leads_to_the_site(proven, tonan):
    answer = Client(HTTP_HOST=HOST).get("/calendar/?month=2026-12")
    assert answer.status_code == 308
    assert answer["Location"].startswith("http://tonan.kairan.localhost:")
    assert Client().get(f"/certz?domain={HOST}").status_code == 200


def test_a_primary_host_serves_and_the_subdomain_leads_to_it(primary, tonan):
    assert tonan.name in Client(HTTP_HOST=HOST).get("/sign-in/").content.decode()
    assert Client(HTTP_HOST="tonan.kairan.localhost").get("/")["Location"].startswith(f"http://{HOST}:")
    with public():
        assert Association.objects.get(pk=tonan.pk).url("/x/").startswith(f"http://{HOST}:")


@pytest.mark.parametrize("there", [[], ["198.51.100.7"]])
def test_a_host_that_does_not_lead_here_does_not_become_primary(proven, nameserver, there):
    nameserver.zones[("kairan.localhost", "A")] = [HERE]
    nameserver.zones[(HOST, "A")] = there
    with public():
        with pytest.raises(ValidationError, match="まだ回覧のサーバーにつながっていません"):
            proven.make_primary(by="桃南会 代表者")
        assert not proven.is_primary


def test_a_rename_leaves_a_primary_host_of_ones_own_in_place(primary, tonan, commit):
    with public():
        row = Association.objects.get(pk=tonan.pk)
    commit(row.rename, "tonankai", by="運営 1")
    for host in ("tonan.kairan.localhost", "tonankai.kairan.localhost"):
        assert Client(HTTP_HOST=host).get("/")["Location"].startswith(f"http://{HOST}:")


@pytest.mark.parametrize(("path", "code"), [("/sign-in/", 200), ("/nowhere/", 404)])
def test_encryption_is_promised_for_their_host_alone_and_for_all_of_ours(primary, settings, path, code):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 3600, True
    theirs = Client(HTTP_HOST=HOST).get(path, secure=True)
    assert (theirs.status_code, theirs["Strict-Transport-Security"]) == (code, "max-age=3600")
    ours = Client(HTTP_HOST="kairan.localhost").get("/", secure=True)
    assert ours["Strict-Transport-Security"] == "max-age=3600; includeSubDomains"


# --- watching ---


def ago(domain, days):
    with public():
        CustomDomain.objects.filter(pk=domain.pk).update(missing_since=timezone.now() - timedelta(days=days))


def test_the_proof_may_be_missing_for_seven_days(primary, nameserver, commit, tonan):
    nameserver.zones.pop((primary.record_name, "TXT"))
    assert commit(primary.verify) == CustomDomain.State.MISSING
    assert status(HOST) == 200
    ago(primary, 6.9)
    assert commit(primary.verify) == CustomDomain.State.MISSING
    assert status(HOST) == 200
    ago(primary, 7.1)
    assert commit(primary.verify) == CustomDomain.State.OFF
    assert status(HOST) == 404
    assert status("tonan.kairan.localhost") == 200
    assert Client().get(f"/certz?domain={HOST}").status_code == 404
    with public():
        assert Association.objects.get(pk=tonan.pk).host == "tonan.kairan.localhost"


def test_a_proof_that_comes_back_ends_the_countdown(proven, nameserver, commit):
    nameserver.zones.pop((proven.record_name, "TXT"))
    commit(proven.verify)
    publish(nameserver, proven)
    assert commit(proven.verify) == CustomDomain.State.PROVEN
    assert proven.missing_since is None


def test_silence_is_no_answer(proven, nameserver, commit):
    nameserver.silent.add(proven.record_name)
    assert commit(proven.verify) == CustomDomain.State.PROVEN
    assert proven.missing_since is None


def test_a_host_that_is_off_goes_to_nobody_without_a_new_proof(primary, fujishiro, tonan, nameserver, commit):
    old = primary.record_value
    commit(primary.give_up, by="桃南会 代表者")
    assert status(HOST) == 404
    assert status("tonan.kairan.localhost") == 200
    theirs = commit(CustomDomain.objects.ask, fujishiro, HOST, by="藤城台自治会 代表者")
    assert theirs.record_value != old
    assert commit(theirs.verify) == CustomDomain.State.PENDING
    assert status(HOST) == 404
    again = commit(CustomDomain.objects.ask, tonan, HOST, by="桃南会 代表者")
    assert again.pk == primary.pk
    assert again.record_value != old
    assert commit(again.verify) == CustomDomain.State.PENDING
    publish(nameserver, theirs)
    assert commit(theirs.verify) == CustomDomain.State.PROVEN
    assert Client(HTTP_HOST=HOST).get("/")["Location"].startswith("http://fujishiro.kairan.localhost:")


def test_when_two_can_prove_a_host_the_first_has_it(asked, fujishiro, nameserver, commit):
    theirs = commit(CustomDomain.objects.ask, fujishiro, HOST, by="藤城台自治会 代表者")
    nameserver.zones[(asked.record_name, "TXT")] = [asked.record_value, theirs.record_value]
    assert commit(theirs.verify) == CustomDomain.State.PROVEN
    with public(), pytest.raises(ValidationError, match="ほかの会が使っています"):
        asked.verify()
    with public():
        assert Domain.objects.get(host=HOST).association == fujishiro


def test_everything_that_happens_to_a_host_is_in_the_record(primary, tonan, commit):
    commit(primary.give_up, by="桃南会 代表者")
    with public():
        verbs = list(Entry.objects.about(tonan).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["domain.ask", "domain.prove", "domain.make_primary", "domain.switch_off"]
