"""From an entry form to a neighbour who reads and answers, by HTTP alone; codes are read from the messages sent."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from controlplane.outbox.models import Message
from controlplane.tenancy import public
from provisioning.models import Run
from tests.api.conftest import Api

HOST = "katagihara.kairan.localhost"
CHAIR, NEIGHBOUR = "kaicho@katagihara.example.jp", "090-1234-5678"


def sign_in(code_sent, association, host=HOST, **contact):
    """Ask for a code, read it, redeem it: a program with a token."""
    program = Api(Client(HTTP_HOST=host))
    assert program.post("auth/code/", **contact).status_code == 202
    to = contact.get("email", "+819012345678")
    answer = program.post("auth/token/", **contact, code=code_sent(to, association))
    assert answer.status_code == 200, answer.content.decode()
    return Api(Client(HTTP_HOST=host), answer.json()["token"])


def test_the_whole_story(apex_api, operator, kyoto, code_sent, outsider, api):
    application = (
        apex_api()
        .post(
            "applications/",
            name="樫原第1町内会",
            kana="かたぎはらだいいちちょうないかい",
            kind="association",
            city="kyoto",
            postal_code="615-8106",
            address="京都市西京区樫原杉原町",
            households=140,
            representative_name="会長 1",
            representative_email=CHAIR,
            representative_phone="075-123-4567",
        )
        .json()
    )

    operations = sign_in(code_sent, None, "kairan.localhost", email=operator.email)
    approved = operations.post(f"applications/{application['id']}/approval/", slug="katagihara")
    assert approved.status_code == 202
    with public():
        run = Run.objects.select_related("association").get(pk=approved.json()["run"])
    run.drive()  # what a worker does
    progress = operations.get(f"runs/{run.pk}/").json()
    assert (progress["state"], {step["state"] for step in progress["steps"]}) == ("live", {"done"})
    with public():
        assert Message.objects.filter(to=CHAIR, body__contains=f"://{HOST}").exists()

    site = run.association
    chair = sign_in(code_sent, site, email=CHAIR)
    me = chair.get("me/").json()
    assert (me["role"], me["member"]["seats"][0]["kind"]) == ("officer", "representative")
    group = chair.post("groups/", name="1組").json()
    code = chair.post("invitations/", group=group["id"]).json()["code"]

    neighbour = sign_in(code_sent, site, phone=NEIGHBOUR)
    assert neighbour.get("me/").json()["member"] is None
    assert neighbour.get("posts/").status_code == 404
    joined = neighbour.post("members/", name="会員 1", kana="かいいん", group=group["id"], invitation=code)
    assert (joined.status_code, joined.json()["state"]) == (201, "admitted")

    starts = timezone.now() + timedelta(days=3)
    event = chair.post(
        "events/", title="公園の清掃", starts_at=starts.isoformat(), ends_at=(starts + timedelta(hours=1)).isoformat()
    ).json()
    notice = chair.post("posts/", kind="notice", title="清掃のお知らせ", body="軍手をお持ちください").json()

    assert [post["title"] for post in neighbour.get("posts/").json()["results"]] == ["清掃のお知らせ"]
    assert neighbour.put(f"posts/{notice['id']}/read/").status_code == 200
    assert neighbour.put(f"posts/{notice['id']}/reaction/", kind="understood").status_code == 200
    assert neighbour.post(f"posts/{notice['id']}/comments/", body="行きます").status_code == 201
    assert neighbour.put(f"events/{event['id']}/rsvp/", answer="yes", companions=1).status_code == 200

    counts = chair.get(f"posts/{notice['id']}/").json()["counts"]
    assert (counts["read_households"], counts["comments"], counts["reactions"]["understood"]) == (1, 1, 1)
    assert chair.get(f"events/{event['id']}/").json()["turnout"]["people"] == 2
    assert chair.get(f"posts/{notice['id']}/delivery/").status_code == 402

    stranger = Api(Client(HTTP_HOST=HOST))
    stranger.headers = api(outsider).headers
    assert stranger.get("posts/").status_code == 401
