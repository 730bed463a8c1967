"""Verbs on a row that was fetched before somebody else changed it: they change their own fields and no others."""

from datetime import date

import pytest

from controlplane.cities.models import CityDate
from controlplane.tenancy import public
from controlplane.versioned import EditedMeanwhile
from tenants.calendar.models import Event
from tests.tenants.calendar.conftest import at


def test_an_event_called_off_meanwhile_is_not_brought_back(weekly, officer, outsider):
    stale = Event.objects.get(pk=weekly.pk)
    weekly.cancel(by=officer, reason="雨のため")
    stale.change(by=officer, title="秋の清掃")
    now = Event.objects.get(pk=weekly.pk)
    assert (now.title, now.cancel_reason) == ("秋の清掃", "雨のため")
    assert now.cancelled_at
    assert stale.cancelled_at  # who fetched it before knows now
    with pytest.raises(PermissionError):
        stale.change(by=outsider, title="よその題")


def test_what_one_changed_stays_when_another_changes_something_else(weekly, officer):
    stale = Event.objects.get(pk=weekly.pk)
    weekly.change(by=officer, place="集会所")
    stale.change(by=officer, title="秋の清掃")
    now = Event.objects.get(pk=weekly.pk)
    assert (now.title, now.place, now.version) == ("秋の清掃", "集会所", 3)


def test_a_series_is_cut_as_it_stands(weekly, officer):
    stale = Event.objects.get(pk=weekly.pk)
    weekly.change(by=officer, title="秋の清掃", place="集会所")
    later = stale.part(date(2027, 5, 22), by=officer)
    assert (later.title, later.place, later.version) == ("秋の清掃", "集会所", 1)
    assert Event.objects.get(pk=weekly.pk).title == "秋の清掃"


def test_a_version_that_is_not_the_newest_changes_nothing(weekly, officer):
    weekly.change(by=officer, title="秋の清掃", version=1)
    hours = {"starts_at": at(2027, 5, 15, 10), "ends_at": at(2027, 5, 15, 11)}
    for act in (
        lambda: weekly.change(by=officer, title="冬の清掃", version=1),
        lambda: weekly.change_from(date(2027, 5, 22), by=officer, version=1, title="冬の清掃"),
        lambda: weekly.part(date(2027, 5, 22), by=officer, version=1),
        lambda: weekly.move(date(2027, 5, 15), by=officer, version=1, **hours),
    ):
        with pytest.raises(EditedMeanwhile):
            act()
    assert not Event.objects.filter(title="冬の清掃").exists()
    assert not weekly.changes.exists()


def test_a_city_s_date_keeps_what_others_corrected(kyoto):
    with public():
        told = CityDate.announce(kyoto, by="x", title="補助金", starts_on=date(2031, 7, 1), ends_on=None)
        stale = CityDate.objects.get(pk=told.pk)
        told.correct(by="x", url="https://www.city.example.jp/")
        stale.correct(by="x", title="補助金の締め切り")
        now = CityDate.objects.get(pk=told.pk)
    assert (now.title, now.url, now.version) == ("補助金の締め切り", "https://www.city.example.jp/", 3)
