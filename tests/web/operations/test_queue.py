"""The queue of applications: stages with counts, search, sorting, CSV."""

import csv
import io
import re

import pytest

from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import public


def names(answer):
    return re.findall(r'<th scope="row"><a href="/operations/applications/\d+/">([^<]+)', answer.content.decode())


@pytest.fixture
def three(submit):
    return [
        submit(),
        submit(name="松尾北自治会", ward="西京区", households=240, representative_email="matsuo@example.jp"),
        submit(name="紫野連合会", ward="北区", kind="federation", households=75, representative_email="m@example.jp"),
    ]


def test_newest_come_first_and_columns_sort(desk, three):
    assert names(desk.get("/operations/")) == ["紫野連合会", "松尾北自治会", "桃山南第2町内会"]
    assert names(desk.get("/operations/?sort=-households"))[0] == "松尾北自治会"
    assert names(desk.get("/operations/?sort=households"))[0] == "紫野連合会"
    assert len(names(desk.get("/operations/?sort=password"))) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=松尾", ["松尾北自治会"]),
        ("q=matsuo@example", ["松尾北自治会"]),
        ("q=代表+桃山", ["桃山南第2町内会"]),
        ("ward=北区", ["紫野連合会"]),
        ("kind=federation", ["紫野連合会"]),
        ("q=%00", ["紫野連合会", "松尾北自治会", "桃山南第2町内会"]),
        ("q=どこにもない", []),
    ],
)
def test_the_list_is_narrowed(desk, three, query, found):
    assert names(desk.get(f"/operations/?{query}")) == found


def test_every_stage_has_its_count_and_list(desk, three, operator):
    with public():
        three[0].ask(by="運営 1", text="総会の日は。")
        three[1].reject(by="運営 1", reason="同じ団体です。")
        three[2].approve(by="運営 1", slug="murasakino")
    page = desk.get("/operations/").content.decode()
    for stage, label in (("asked", "返事を待っている"), ("rejected", "お断りした"), ("preparing", "作成中")):
        assert re.search(rf"{label} <b>1</b>", page)
        assert len(names(desk.get(f"/operations/?stage={stage}"))) == 1
    with public():
        Association.objects.get(slug="murasakino").open()
    assert names(desk.get("/operations/?stage=live")) == ["紫野連合会"]
    assert names(desk.get("/operations/?stage=received")) == []


def test_who_cannot_be_reached_has_a_tab(desk, three):
    with public():
        Message.objects.filter(to="daihyo@example.jp").update(state="bounced")
    assert names(desk.get("/operations/?stage=unreachable")) == ["桃山南第2町内会"]
    assert "メールが戻ってきた" in desk.get("/operations/").content.decode()


def test_pages_turn(desk, submit):
    for n in range(51):
        submit(name=f"{n}番自治会", representative_email=f"n{n}@example.jp")
    first = desk.get("/operations/")
    assert "1〜50 ／ 51件" in first.content.decode()
    assert names(desk.get("/operations/?page=2")) == ["0番自治会"]
    assert names(desk.get("/operations/?page=999")) == ["0番自治会"]


def test_the_csv_holds_what_is_chosen_and_runs_nothing(desk, submit, three):
    submit(name='=HYPERLINK("x")', representative_email="x@example.jp")
    answer = desk.get("/operations/applications.csv?kind=association")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["団体", '\'=HYPERLINK("x")', "松尾北自治会", "桃山南第2町内会"]


def test_city_staff_and_strangers_do_not_get_in(apex, city_official, three):
    assert apex(city_official).get("/operations/").status_code == 404
    assert apex(city_official).get("/operations/applications.csv").status_code == 404
    assert apex().get("/operations/").url.startswith("/sign-in/?next=")


def test_a_member_s_account_opens_nothing_on_the_apex(apex, officer):
    client = apex()
    client.cookies["session"] = "x"
    assert client.get("/operations/").status_code == 302
