"""The city's desk: counts, never people; cells under five hidden, and no way to subtract them."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.associations.models import Association
from controlplane.cities.models import Adoption, City, CityStaff
from controlplane.tenancy import public


@pytest.fixture
def desk(apex, city_official):
    return apex(city_official)


@pytest.fixture
def counted(kyoto, tonan, fujishiro):
    """桃南会 with 110 people, 藤城台 with three, 松尾 in another ward with 41."""
    with public():
        long_ago = timezone.now() - timedelta(days=90)
        matsuo = Association.objects.create(
            slug="matsuo", name="松尾北自治会", city=kyoto, ward="西京区", households=240, live_at=long_ago
        )
        publish(tonan, members=110, registered_households=90, active_members=70, posts=10, reads=320)
        publish(fujishiro, members=3, registered_households=2, active_members=1, posts=0, reads=0)
        publish(matsuo, members=41, registered_households=30, active_members=0, posts=2, reads=20)
        publish(matsuo, on=timezone.localdate() - timedelta(days=61), members=37, posts=2, reads=20)
        return matsuo


def publish(association, on=None, **counts):
    nothing = {"registered_households": 0, "members": 0, "active_members": 0, "posts": 0, "reads": 0}
    Adoption.objects.publish(association, {"households": association.households} | nothing | counts, on=on)


def rows(text):
    """The cells of every row of every table, as text."""
    found = re.findall(r"<tr>(.*?)</tr>", text, re.S)
    clean = [re.sub(r"<svg.*?</svg>|<[^>]+>", " ", cell) for cell in found]
    return [re.sub(r"\s+", " ", cell).strip() for cell in clean]


def test_registrations_are_set_against_households(desk, counted):
    page = rows(desk.get("/city/").content.decode())
    assert any(row.startswith("桃南会 伏見区 110 200 55% 70 10") for row in page)
    assert any(row.startswith("西京区 1 0 41 240 17%") for row in page)


def test_a_cell_under_five_people_is_hidden_with_its_share(desk, counted):
    [row] = [row for row in rows(desk.get("/city/").content.decode()) if row.startswith("藤城台自治会")]
    assert row.startswith("藤城台自治会 伏見区 5未満 120 — 5未満 0")


def test_totals_do_not_give_the_hidden_away(desk, counted, fujishiro):
    def page():
        return re.sub(r'value="(\w{64}|[\w-]{26,29})"|"X-CSRFToken": "\w+"', "", desk.get("/city/").content.decode())

    pages = set()
    for people in (1, 2, 3, 4):
        with public():
            publish(fujishiro, members=people, registered_households=people, active_members=people, reads=people)
        pages.add(page())
    assert len(pages) == 1
    assert "約110" in pages.pop()


def test_the_csv_hides_the_same(desk, counted, fujishiro):
    answer = desk.get("/city/adoption.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert 'filename="kairan-kyoto.csv"' in answer["Content-Disposition"]
    table = {row[1]: row for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert table["桃南会"][4:7] == ["90", "110", "55.0"]
    assert table["藤城台自治会"][4:8] == ["5未満", "5未満", "", "5未満"]
    assert table["合計"][4:6] == ["約120", "約150"]
    with public():
        publish(fujishiro, members=1, registered_households=4, active_members=4, reads=2)
    assert desk.get("/city/adoption.csv").content == answer.content


def test_one_ward_is_the_same_numbers(desk, counted):
    page = rows(desk.get("/city/?ward=西京区").content.decode())
    assert any(row.startswith("松尾北自治会") for row in page)
    assert not any(row.startswith("桃南会") for row in page)


def test_a_period_ends_where_it_is_told_to(desk, counted):
    until = timezone.localdate() - timedelta(days=30)
    page = rows(desk.get(f"/city/?until={until}").content.decode())
    assert any(row.startswith("松尾北自治会 西京区 37") for row in page)
    assert not any(row.startswith("桃南会") for row in page)  # it went live later


@pytest.mark.parametrize(
    "query",
    [
        "ward=どこか",
        "since=きのう",
        "until=2026-99-99",
        "ward=%00",
        "sort=password",
        "order=x",
        "page=0",
        "since=0001-01-01",
        "until=9999-12-31",
    ],
)
def test_a_filter_that_makes_no_sense_is_left_out(desk, counted, query):
    answer = desk.get(f"/city/?{query}")
    assert answer.status_code == 200
    assert "桃南会" in answer.content.decode()


def test_wards_sort_by_a_column(desk, counted):
    def wards(query):
        page = desk.get(f"/city/?sort={query}").content.decode()
        return re.findall(r'<th scope="row" class="nowrap">(\w+)', page)

    assert wards("-households") == ["伏見区", "西京区"]
    assert wards("-associations") == ["伏見区", "西京区"]
    assert wards("associations") == ["西京区", "伏見区"]


def test_associations_that_need_a_hand_are_counted(desk, counted):
    page = desk.get("/city/").content.decode()
    assert re.search(r"60日、新しいお知らせがない.*?西京区 1.*?<b class=\"lg\">1団体</b>", page, re.S)
    assert re.search(r"公開したが、まだお知らせがない.*?伏見区 1.*?<b class=\"lg\">1団体</b>", page, re.S)


def test_the_chart_has_a_sentence(desk, counted):
    assert re.search(r'aria-label="登録率は、[^"]+になりました。"', desk.get("/city/").content.decode())


def test_a_city_without_numbers_says_so(apex, db):
    with public():
        sakai = City.objects.create(slug="sakai", name="堺市")
        user = User.objects.create(email="sakai@example.jp")
        CityStaff.objects.create(user=user, city=sakai, name="職員 2")
    page = apex(user).get("/city/").content.decode()
    assert "まだ数がありません" in page
    assert "桃南会" not in page


def test_another_city_s_associations_are_not_there(apex, counted):
    with public():
        sakai = City.objects.create(slug="sakai", name="堺市")
        user = User.objects.create(email="sakai@example.jp")
        CityStaff.objects.create(user=user, city=sakai, name="職員 2")
    for path in ("/city/", "/city/?ward=伏見区", "/city/adoption.csv", "/city/offices/"):
        text = apex(user).get(path).content.decode()
        assert not {"桃南会", "110", "伏見区役所"} & set(re.findall(r"[\w]+", text))


def test_suspended_associations_are_left_out(desk, counted, tonan):
    with public():
        tonan.suspend(by="運営 1", reason="相談中")
    assert "桃南会" not in desk.get("/city/").content.decode()


def test_no_person_stands_on_it(desk, counted, cast):
    page = desk.get("/city/").content.decode() + desk.get("/city/adoption.csv").content.decode()
    for person in (cast.officer, cast.leader, cast.member):
        assert person.name not in page
        assert person.user.email not in page


def test_the_offices_are_listed(desk):
    page = desk.get("/city/offices/").content.decode()
    assert "tel:075-611-1144" in page


@pytest.mark.parametrize("path", ["/city/", "/city/adoption.csv", "/city/offices/"])
def test_operators_and_strangers_do_not_get_in(apex, operator, path):
    assert apex(operator).get(path).status_code == 404
    assert apex().get(path).status_code == 302


def test_a_day_before_everything_has_no_numbers(desk, counted):
    page = desk.get("/city/?until=0001-01-01")
    assert page.status_code == 200
    assert "桃南会" not in page.content.decode()


def test_associations_are_found_by_name_and_sorted(desk, counted):
    def names(query):
        page = desk.get(f"/city/?{query}").content.decode()
        return re.findall(r'<th scope="row">(\w+)</th><td>', page)

    assert names("q=松尾") == ["松尾北自治会"]
    assert names("q=どこにもない") == []
    assert names("order=-members") == ["桃南会", "松尾北自治会", "藤城台自治会"]  # what is hidden comes last
    assert names("order=members")[0] == "藤城台自治会"
    assert names("order=-households")[0] == "松尾北自治会"
    assert "tonan" not in desk.get("/city/?q=松尾").content.decode()


def test_pages_turn_and_keep_what_was_chosen(desk, counted, kyoto):
    with public():
        for n in range(60):
            Association.objects.create(
                slug=f"kai{n}", name=f"{n}番会", city=kyoto, ward="西京区", households=10, live_at=timezone.now()
            )
        City.objects.changed()
        kyoto.recount()
    page = desk.get("/city/?ward=西京区").content.decode()
    assert "1〜50 ／ 61件" in page
    onward = html.unescape(re.search(r'href="(\?[^"]+)" rel="next"', page)[1])
    second = desk.get(f"/city/{onward}").content.decode()
    assert "51〜61 ／ 61件" in second
    assert len(csv_rows(desk.get("/city/adoption.csv?ward=西京区"))) == 63


def csv_rows(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
