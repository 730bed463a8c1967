"""記録: found by person, act, association and date; all of it as a table."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.audit.models import Entry, record
from controlplane.tenancy import public

TODAY = timezone.localdate()


@pytest.fixture
def acts(tonan, fujishiro, application):
    with public():
        Entry.objects.all().delete()
        record("association.suspend", tonan, by="運営 7", reason='=HYPERLINK("x")')
        record("association.resume", fujishiro, by="運営 8")
        record("application.submit", application, by="代表 9")
        old = record("association.close", tonan, by="運営 6")
        Entry.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=10))


def actors(desk, query):
    page = desk.get(f"/operations/log/?{query}").content.decode()
    return [name for name in ("運営 6", "運営 7", "運営 8", "代表 9") if f"<td>{name}</td>" in page]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["運営 6", "運営 7", "運営 8", "代表 9"]),
        ("q=運営", ["運営 6", "運営 7", "運営 8"]),
        ("verb=association.resume", ["運営 8"]),
        ("association=桃南", ["運営 6", "運営 7"]),
        ("association=fujishiro", ["運営 8"]),
        ("association=どこにもない", []),
        (f"since={TODAY}", ["運営 7", "運営 8", "代表 9"]),
        (f"until={TODAY - timedelta(days=5)}", ["運営 6"]),
        (f"since={TODAY - timedelta(days=10)}&until={TODAY - timedelta(days=10)}", ["運営 6"]),
        ("verb=nonsense&since=きのう&until=2026-99-99&association=%00", ["運営 6", "運営 7", "運営 8", "代表 9"]),
        ("since=0001-01-01&until=9999-12-31", ["運営 6", "運営 7", "運営 8", "代表 9"]),
    ],
)
def test_it_is_found(desk, acts, query, found):
    assert actors(desk, query) == found


def test_the_table_holds_what_is_chosen_and_runs_nothing(desk, acts):
    answer = desk.get("/operations/log.csv?association=桃南")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["だれ", "運営 6", "運営 7"]
    assert rows[2][2] == "ページを止めた"
    assert all(not cell.startswith("=") for row in rows for cell in row)


def test_city_staff_and_strangers_do_not_get_in(apex, city_official):
    for path in ("/operations/log/", "/operations/log.csv"):
        assert apex(city_official).get(path).status_code == 404
        assert apex().get(path).status_code == 302
