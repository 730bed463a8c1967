"""The city's sums are the associations' numbers: added up by hand here, whatever was published, on whatever day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import StringIO
from statistics import median
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlplane.associations.models import Association
from controlplane.cities.dashboard import AdoptionReport
from controlplane.cities.figures import Figure
from controlplane.cities.models import Adoption, City, Standing, WardDay
from controlplane.cities.tasks import recount_cities
from controlplane.cities.trend import chosen_days
from controlplane.tenancy import public
from provisioning import adoption

TODAY = timezone.localdate()
COUNTS = ("registered_households", "members", "active_members", "posts", "reads")


@dataclass
class One:
    """An association as the oracle knows it; days count back from today."""

    ward: str
    households: int
    live: int
    suspended: bool
    published: dict[int, tuple[int, ...]] = field(default_factory=dict)
    row: Association | None = None

    @property
    def live_on(self) -> date:
        return TODAY - timedelta(days=self.live)

    @property
    def numbers(self) -> dict[date, tuple[int, ...]]:
        return {TODAY - timedelta(days=ago): counts for ago, counts in sorted(self.published.items(), reverse=True)}

    @property
    def since(self) -> date:
        return min([self.live_on, *self.numbers])

    def newest(self, since: date | None, until: date) -> date | None:
        return max((day for day in self.numbers if (not since or day >= since) and day <= until), default=None)


few = st.sampled_from([0, 1, 3, 4, 5, 6, 40, 250])
ones = st.builds(
    One,
    ward=st.sampled_from(["", "伏見区", "西京区"]),
    households=st.sampled_from([1, 30, 200]),
    live=st.integers(0, 300),
    suspended=st.sampled_from([False, False, False, True]),
    published=st.dictionaries(
        st.sampled_from([0, 1, 2, 30, 59, 60, 61, 62, 90, 200]), st.tuples(few, few, few, few, few), max_size=6
    ),
)
periods = st.tuples(st.none() | st.integers(0, 250), st.none() | st.integers(0, 250))


@given(st.lists(ones, max_size=6), periods, st.sampled_from(["", "伏見区", "西京区"]), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_report_from_the_sums_is_the_report_from_the_rows(db, everyone, period, ward, one_by_one):
    since, until = (None if ago is None else TODAY - timedelta(days=ago) for ago in period)
    with in_a_city(everyone, one_by_one) as city:
        report = AdoptionReport(city, ward, since, until)
        expected = by_hand(everyone, ward, since, until)
        assert told(report) == expected
        call_command("recount", city.slug, stdout=StringIO())
        with public():
            assert told(AdoptionReport(city, ward, since, until)) == expected


@contextmanager
def in_a_city(everyone: list[One], one_by_one: bool) -> Iterator[City]:
    """A city of its own, published into in the order of the associations; gone afterwards."""
    with public():
        point = transaction.savepoint()
        city = City.objects.create(slug=f"c{uuid4().hex[:12]}", name=uuid4().hex[:12])
        for one in everyone:
            live_at = timezone.make_aware(datetime.combine(one.live_on, time(9)))
            facts = {"slug": f"s{uuid4().hex[:12]}", "name": uuid4().hex, "city": city, "ward": one.ward}
            one.row = Association.objects.create(**facts, households=one.households, live_at=live_at)
        for one in everyone:
            for day, counts in one.numbers.items():
                given_up = {"households": one.households + 7} | dict(zip(COUNTS, counts, strict=True))
                Adoption.objects.publish(one.row, given_up, on=day, recount=one_by_one)
            if one.suspended:
                one.row.suspend(by="tests", reason="相談中")
        city.recount()
        yield city
        transaction.savepoint_rollback(point)


def told(report: AdoptionReport) -> dict[str, object]:
    page = report.page("", 1)
    return {
        "as_of": report.as_of,
        "total": line(report.tiles.total),
        "first": report.tiles.days_to_first_post,
        "wards": {each.ward: line(each) for each in report.wards if each.associations},
        "trend": [(point.on, point.members, point.households) for point in report.trend],
        "associations": {
            (row.ward, row.on, str(row.members), str(row.reads), row.posts, row.share)
            for row in report.standings.read(page)
        },
        "in all": page.paginator.count,
        "csv": len(report.csv().splitlines()),
    }


def line(total) -> tuple[object, ...]:
    people = (total.registered, total.members, total.readers, total.share)
    return (
        total.associations,
        total.active,
        total.dormant,
        total.households,
        *people,
        total.quiet,
        total.without_posts,
    )


def by_hand(everyone: list[One], ward: str, since: date | None, until: date | None) -> dict[str, object]:
    last = until or TODAY
    chosen = [one for one in everyone if not one.suspended and ward in ("", one.ward) and one.since <= last]
    newest = [(one, one.newest(since, last)) for one in chosen]
    firsts = [min((day for day, n in one.numbers.items() if n[3] and day <= last), default=None) for one in chosen]
    waited = [max(0, (day - one.live_on).days) for one, day in zip(chosen, firsts, strict=True) if day]
    return {
        "as_of": max((day for _one, day in newest if day), default=None),
        "total": sum_up(newest),
        "first": round(median(waited)) if waited else None,
        "wards": {
            name: sum_up([each for each in newest if each[0].ward == name]) for name in {one.ward for one in chosen}
        },
        "trend": course(chosen, since or last - timedelta(days=365), last),
        "associations": {row(one, day) for one, day in newest},
        "in all": len(chosen),
        "csv": len(chosen) + 2,
    }


def sum_up(newest: list[tuple[One, date | None]]) -> tuple[object, ...]:
    rows = [(one, day, one.numbers[day]) for one, day in newest if day]
    registered, members = (Figure.total(Figure.of(n[at]) for _one, _day, n in rows) for at in (0, 1))
    households = sum(one.households for one, _day in newest)
    posts, reads = sum(n[3] for _one, _day, n in rows), sum(Figure.of(n[4]).value or 0 for _one, _day, n in rows)
    active = sum(n[2] > 0 for _one, _day, n in rows)
    earlier = [(one.newest(None, day - timedelta(days=60)), one, n) for one, day, n in rows]
    quiet = sum(before is not None and one.numbers[before][3] == n[3] for before, one, n in earlier)
    people = (registered, members, Figure.of(round(reads / posts)) if posts else None, members.share_of(households))
    silent = sum(n[3] == 0 for _one, _day, n in rows)
    return (len(newest), active, len(newest) - active, households, *people, quiet, silent)


def course(chosen: list[One], since: date, until: date) -> list[object]:
    days = chosen_days(sorted({day for one in chosen for day in one.numbers if since <= day <= until}))
    return [
        (
            day,
            Figure.total(Figure.of(one.numbers[day][1]) for one in chosen if day in one.numbers),
            sum(one.households + 7 for one in chosen if day in one.numbers),
        )
        for day in days
    ]


def row(one: One, day: date | None) -> tuple[object, ...]:
    counts = one.numbers[day] if day else (0,) * 5
    members = Figure.of(counts[1])
    return (one.ward, day, str(members), str(Figure.of(counts[4])), counts[3], members.share_of(one.households))


@pytest.fixture
def many(kyoto) -> list[Association]:
    """Sixty in one city, three of them with fewer than five people."""
    long_ago = timezone.now() - timedelta(days=90)
    with public():
        rows = Association.objects.bulk_create(
            Association(
                slug=f"kai{n:02}",
                name=f"{n:02}番会",
                kana=f"{n:02}",
                city=kyoto,
                ward="西京区",
                households=100,
                live_at=long_ago,
            )
            for n in range(60)
        )
        for n, each in enumerate(rows):
            members = n + 10 if n > 2 else n + 1
            counts = {
                "households": 100,
                "registered_households": 1,
                "members": members,
                "active_members": 1,
                "posts": 1,
                "reads": 9,
            }
            Adoption.objects.publish(each, counts, recount=False)
        kyoto.recount()
    return rows


@pytest.mark.parametrize("until", [None, TODAY - timedelta(days=0), TODAY + timedelta(days=3)])
@pytest.mark.parametrize(
    ("sort", "down", "first"),
    [("share", True, "59番会"), ("members", True, "59番会"), ("name", True, "59番会"), ("name", False, "00番会")],
)
def test_lists_sort_and_turn(kyoto, many, sort, down, first, until):
    with public():
        report = AdoptionReport(kyoto, "西京区", until=until)
        names = [
            row.name
            for number in (1, 2)
            for row in report.standings.read(report.page("", number, sort=sort, down=down))
        ]
    assert names[0] == first
    assert sorted(names) == [each.name for each in many]


@pytest.mark.parametrize("sort", ["share", "members", "active"])
@pytest.mark.parametrize("past", [False, True])
def test_the_order_of_what_is_hidden_tells_nothing(kyoto, many, sort, past):
    """Whatever the three smallest have, they stand in the same order, at the end."""
    day = TODAY - timedelta(days=5)
    until = day if past else None
    seen = set()
    with public():
        for counts in ((1, 2, 3), (3, 1, 2), (4, 4, 1)):
            for each, members in zip(many, counts, strict=False):
                few = {
                    "households": 100,
                    "registered_households": 1,
                    "members": members,
                    "active_members": members,
                    "posts": 1,
                    "reads": 9,
                }
                for on in (day, TODAY):
                    Adoption.objects.publish(each, few, on=on)
            report = AdoptionReport(kyoto, "西京区", until=until)
            pages = [report.page("", n, sort=sort, down=True) for n in (1, 2)]
            seen.add(tuple(row.name for page in pages for row in report.standings.read(page)))
    assert len(seen) == 1


def test_a_page_asks_the_same_few_questions_however_many_there_are(kyoto, many, django_assert_max_num_queries):
    with public(), django_assert_max_num_queries(7):
        report = AdoptionReport(kyoto)
        assert len(report.standings.read(report.page("", 1))) == 50
        assert report.tiles.total.associations >= 60
        assert report.wards
        assert report.trend


def test_counting_twice_changes_nothing(kyoto, many):
    with public():
        before = (
            list(WardDay.objects.order_by("day", "ward", "on").values_list()),
            list(Standing.objects.order_by("pk").values_list()),
        )
        City.objects.changed()
        assert kyoto.recount()
        assert not kyoto.recount()
        fields = [f.attname for f in WardDay._meta.fields if f.name != "id"]
        after = (
            list(WardDay.objects.order_by("day", "ward", "on").values_list(*fields)),
            list(Standing.objects.order_by("pk").values_list()),
        )
        assert ([row[1:] for row in before[0]], before[1]) == after


def test_a_suspended_association_counts_no_more_and_then_again(kyoto, many, run_tasks):
    def counted():
        with public():
            return AdoptionReport(kyoto, "西京区").tiles.total.associations

    assert counted() == 60
    with run_tasks(), public():
        many[0].suspend(by="tests", reason="相談中")
    assert counted() == 59
    with run_tasks(), public():
        many[0].resume(by="tests")
    assert counted() == 60


def test_a_night_counts_each_city_once(tonan, fujishiro, kyoto, monkeypatch):
    counted = []
    real = City.recount
    monkeypatch.setattr(City, "recount", lambda city: counted.append(city.slug) or real(city))
    adoption.publish_everywhere()
    assert counted == ["kyoto"]
    with public():
        assert AdoptionReport(kyoto).tiles.total.associations == 2
        assert Adoption.objects.get(association=tonan).last_active_on is None
        assert Adoption.objects.get(association=tonan).storage_bytes == 0


def test_a_night_that_is_cut_short_is_counted_by_the_beat(tonan, kyoto, monkeypatch):
    """The numbers are marked as not counted in the transaction that writes them."""
    monkeypatch.setattr(adoption, "recount_cities", lambda: None)
    adoption.publish_everywhere()
    with public():
        assert City.objects.to_recount().get() == kyoto
    recount_cities.apply(throw=True)
    with public():
        assert not City.objects.to_recount().exists()
        assert AdoptionReport(kyoto).as_of == TODAY


def test_one_that_cannot_be_counted_stops_no_other(tonan, fujishiro, monkeypatch):
    real = adoption.publish
    broken = lambda each, **options: 1 / 0 if each == tonan else real(each, **options)  # noqa: E731
    monkeypatch.setattr(adoption, "publish", broken)
    adoption.publish_everywhere()
    with public():
        assert list(Adoption.objects.values_list("association__slug", flat=True)) == ["fujishiro"]


def test_many_who_publish_at_once_are_all_counted(django_db_setup, django_db_blocker):
    """Committed, from threads: whoever counts waits for who counts before, and sees what they wrote."""
    with django_db_blocker.unblock():
        with public():
            city = City.objects.create(slug="at-once", name="同時市")
            live_at = timezone.now()
            rows = [
                Association.objects.create(slug=f"once{n}", name=f"{n}", city=city, households=10, live_at=live_at)
                for n in range(12)
            ]

        def publish(each: Association) -> None:
            try:
                with public():
                    counts = dict.fromkeys(("households", *COUNTS), 6)
                    Adoption.objects.publish(Association.objects.get(pk=each.pk), counts)
            finally:
                connection.close()

        try:
            with ThreadPoolExecutor(6) as pool:
                list(pool.map(publish, rows))
            with public():
                total = AdoptionReport(city).tiles.total
                assert (total.associations, total.active, total.members.value) == (12, 12, 72)
                assert not City.objects.to_recount().filter(pk=city.pk).exists()
        finally:
            with public():
                Association.objects.filter(city=city).delete()
                city.delete()
            connection.close()


def test_a_city_nobody_knows_is_not_counted(db):
    with pytest.raises(CommandError, match="atlantis"):
        call_command("recount", "atlantis")
