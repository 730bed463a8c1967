"""Applying, and what operations do with it."""

import pytest

from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from provisioning.models import Application

BODY = {
    "name": "樫原自治会",
    "kana": "かたぎはらじちかい",
    "kind": "association",
    "city": "kyoto",
    "postal_code": "615-8101",
    "address": "京都市西京区樫原",
    "households": 300,
    "representative_name": "代表者 1",
    "representative_email": "Daihyo@Example.jp",
    "representative_phone": "075-381-1111",
}


@pytest.fixture
def application(apex_api, kyoto):
    return apex_api().post("applications/", **BODY).json()["id"]


def test_anybody_applies_and_the_address_is_not_taken_as_proven(apex_api, kyoto, operator):
    with public():
        kyoto.offices.create(name="西京区役所", kind="ward", ward="西京区", tel="075-381-7121")
    answer = apex_api().post("applications/", **BODY)
    assert answer.status_code == 201, answer.content.decode()
    assert answer.json() == {"id": answer.json()["id"], "status": "received"}
    seen = apex_api(operator).get(f"applications/{answer.json()['id']}/").json()
    assert seen["email_proven_at"] is None
    assert seen["ward"] == "西京区"
    assert seen["representative_email"] == "daihyo@example.jp"
    with public():
        assert Message.objects.filter(to="daihyo@example.jp").count() == 1


def test_the_same_key_is_the_same_application(apex_api, kyoto):
    client = apex_api().client
    keyed = {"content_type": "application/json", "headers": {"Idempotency-Key": "k-1"}}
    first, again = (client.post("/api/v1/applications/", BODY, **keyed) for _n in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert client.post("/api/v1/applications/", BODY | {"name": "二"}, **keyed).status_code == 422
    long_key = keyed | {"headers": {"Idempotency-Key": "k" * 81}}
    assert client.post("/api/v1/applications/", BODY, **long_key).status_code == 400
    with public():
        assert Application.objects.filter(idempotency_key="k-1").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("city", "atlantis"), ("kind", "club"), ("households", 0), ("postal_code", "x"), ("representative_email", "x"),
     ("representative_phone", "1"), ("name", "")],
)  # fmt: skip
def test_what_is_wrong_is_said_by_field(apex_api, kyoto, field, value):
    answer = apex_api().post("applications/", **BODY | {field: value})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})


def test_operations_list_by_status(apex_api, operator, application):
    listed = apex_api(operator).get("applications/", status="received").json()["results"]
    assert [row["id"] for row in listed] == [application]
    assert apex_api(operator).get("applications/", status="approved").json()["results"] == []


def test_approval_answers_the_association_and_its_run_once(apex_api, operator, application):
    first = apex_api(operator).post(f"applications/{application}/approval/", slug="katagihara")
    assert first.status_code == 202
    assert set(first.json()) == {"association", "run"}
    again = apex_api(operator).post(f"applications/{application}/approval/", slug="other")
    assert again.json() == first.json()
    with public():
        assert Association.objects.get(slug="katagihara").pk == Application.objects.get(pk=application).association_id
    run = apex_api(operator).get(f"runs/{first.json()['run']}/").json()
    assert run["state"] == "queued"
    assert {"name", "state", "attempts", "error", "started_at", "finished_at"} <= set(run["steps"][0])
    assert apex_api(operator).post(f"runs/{run['id']}/retry/").status_code == 202


@pytest.mark.parametrize("slug", ["tonan", "admin", "UPPER", "x"])
def test_a_slug_that_cannot_be_is_400(apex_api, operator, application, tonan, slug):
    answer = apex_api(operator).post(f"applications/{application}/approval/", slug=slug)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"slug"})


def test_a_question_and_then_a_rejection_which_is_final(apex_api, operator, application):
    asked = apex_api(operator).post(f"applications/{application}/question/", text="世帯数は？")
    assert (asked.status_code, asked.json()["status"]) == (200, "asked")
    assert asked.json()["questions"][0]["text"] == "世帯数は？"
    rejected = apex_api(operator).post(f"applications/{application}/rejection/", reason="二重のお申し込みです")
    assert (rejected.status_code, rejected.json()["status"]) == (200, "rejected")
    later = (("approval", {"slug": "katagihara"}), ("question", {"text": "x"}), ("rejection", {"reason": "x"}))
    for action, body in later:
        assert apex_api(operator).post(f"applications/{application}/{action}/", **body).status_code == 409


def test_applications_are_for_operations_only(apex_api, city_official, application):
    for path in ("", f"{application}/"):
        assert apex_api().get(f"applications/{path}").status_code == 401
        assert apex_api(city_official).get(f"applications/{path}").status_code == 404
    for action in ("approval", "rejection", "question"):
        assert apex_api().post(f"applications/{application}/{action}/", slug="x").status_code == 401
        assert apex_api(city_official).post(f"applications/{application}/{action}/", slug="x").status_code == 404
    assert apex_api(city_official).get("runs/1/").status_code == 404
    assert apex_api(city_official).post("runs/1/retry/").status_code == 404


def test_too_many_applications_from_one_address_are_429(apex_api, kyoto, settings):
    settings.RATE_FACTOR = 1
    statuses = [apex_api().post("applications/", **BODY | {"name": f"会{n}"}).status_code for n in range(62)]
    assert statuses[0] == 201
    assert statuses[-1] == 429


@pytest.mark.parametrize("field", ["name", "kana", "address", "representative_name"])
@pytest.mark.parametrize("sign", ["\n", "\r", "\t", "\u2028", "\u202e"])
def test_words_that_go_into_a_mail_are_one_line(apex_api, kyoto, field, sign):
    answer = apex_api().post("applications/", **BODY | {field: f"桃南{sign}会"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
