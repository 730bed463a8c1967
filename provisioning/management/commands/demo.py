"""`manage.py demo`: the demonstration's cities, staff and five associations, through the real pipeline. Repeatable."""

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.associations.features import Feature
from controlplane.associations.models import (
    Association,
    Bulletin,
    BulletinDraft,
    FederationMembership,
    Grant,
    Operator,
)
from controlplane.cities.models import Adoption, City, CityDate, CityStaff, Counts, WardOffice
from controlplane.tenancy import bound, public
from controlplane.tenancy.commands import SteppingCommand
from provisioning import adoption
from provisioning.demonstration import Example, examples, offices, story
from provisioning.demonstration.fill import WEEKS, fill
from provisioning.demonstration.story import CITY_DATES
from provisioning.models import Application, Run
from tenants.calendar.models import Event
from tenants.members.models import Member

PATIENCE = 180  # seconds for a worker to finish one run


class Command(SteppingCommand):
    help = "Create the demonstration data; needs a running worker. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("This makes operators and city staff that anybody knows: only where DEVELOPMENT=1.")
        with public():
            cities = {name: _city(slug, name) for slug, name in (("kyoto", "京都市"), ("sakai", "堺市"))}
            _offices(cities["京都市"])
            _dates(cities["京都市"])
            _staff(cities)
            runs = [(example, _apply(example, cities[example.city])) for example in examples()]
        for example, run in runs:
            self._finish(example, run)
        _tell(cities["京都市"])

    def _finish(self, example: Example, run: Run) -> None:
        _wait(example, run)
        with public():
            association = Association.objects.get(slug=example.slug)
            url = association.url()
            known = association.adoption.filter(on__lt=timezone.localdate()).exists()
        if not known:
            with bound(association):
                fill(example)
            with public():
                association.live_at = timezone.now() - timedelta(weeks=WEEKS)
                association.save(update_fields=["live_at"])
            _remember_adoption(association)
            _grants(association)
        self.stdout.write(f"  {example.name}  {example.registered}人  {url}")


def _city(slug: str, name: str) -> City:
    return City.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def _offices(city: City) -> None:
    data = offices()
    rows = [*data["offices"], {**data["support_centre"], "kind": "centre"}]
    for position, row in enumerate(rows):
        ward = row.get("ward") or (row["name"].removesuffix("役所") if row["kind"] == "ward" else "")
        WardOffice.objects.get_or_create(
            city=city,
            name=row["name"],
            defaults={
                "kind": row["kind"],
                "ward": ward,
                "tel": f"{data['area_code']}-{row['tel']}",
                "position": position,
            },
        )


def _dates(city: City) -> None:
    if city.dates.exists():
        return
    for days, length, kind, title in CITY_DATES:
        day = timezone.localdate() + timedelta(days=days)
        CityDate.announce(
            city, by="運営 1", kind=kind, title=title, starts_on=day, ends_on=day + timedelta(days=length)
        )


def _staff(cities: dict[str, City]) -> None:
    operator = User.objects.get_or_create(email="operator@kairan.example.jp")[0]
    Operator.objects.get_or_create(user=operator, defaults={"name": "運営 1"})
    for city in cities.values():
        official = User.objects.get_or_create(email=f"{city.slug}@city.example.jp")[0]
        CityStaff.objects.get_or_create(user=official, defaults={"city": city, "name": "地域力推進室 1"})


def _apply(example: Example, city: City) -> Run:
    application, _created = Application.objects.submit(
        idempotency_key=f"demonstration:{example.slug}",
        name=example.name,
        kana=example.kana,
        kind=example.kind,
        city=city,
        ward=example.ward,
        postal_code=example.postal_code,
        address=example.address,
        households=example.households,
        representative_name="役員1",
        representative_email=example.officer_email,
        representative_phone=example.phone,
        email_proven_at=timezone.now(),
    )
    return application.approve(by="運営 1", slug=example.slug)


def _wait(example: Example, run: Run) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with public():
            run.refresh_from_db()
        if run.state == Run.State.LIVE:
            return
        if run.state == Run.State.FAILED:
            raise CommandError(f"{example.name}: the run failed; see /operations/runs/{run.pk}/")
        time.sleep(0.25)
    raise CommandError(f"{example.name}: no worker finished the run within {PATIENCE} s. Is the worker running?")


def _remember_adoption(association: Association) -> None:
    """One row a week back to the first registration, counted from the members' own dates, and today's."""
    adoption.publish(association)
    with public():
        today = Adoption.objects.get(association=association, on=timezone.localdate())
    for week in range(WEEKS, 0, -1):
        day = timezone.localdate() - timedelta(weeks=week)
        with bound(association):
            then = Member.objects.admitted().filter(admitted_at__date__lte=day)
            people, homes = then.count(), then.values("household").distinct().count()
        share = people / today.members if today.members else 0
        counts = Counts(
            households=today.households,
            registered_households=homes,
            members=people,
            active_members=round(today.active_members * share),
            posts=round(today.posts * share),
            reads=round(today.reads * share),
        )
        with public():
            Adoption.objects.publish(association, counts, on=day)


def _tell(city: City) -> None:
    """A federation with one member and one that has not answered; a bulletin of the city."""
    with public():
        if city.bulletins.exists():
            return
        federation, member, asked = (
            Association.objects.get(slug=slug) for slug in ("katagihara", "fujishirodai", "tonan")
        )
        federation.grant(Feature.MEMBER_ASSOCIATIONS, source=Grant.Source.CITY)
        for each in (member, asked):
            row = FederationMembership.objects.ask(federation, each, by="連合会の役員")
            if each == member:
                row.accept(by="役員")
        title, body = story.BULLETIN
        Bulletin.objects.publish(by="地域力推進室 1", city=city, audience="all", title=title, body=body)
        _wait_to_be_sent(city, federation)
    _show_to_members(federation)


def _wait_to_be_sent(city: City, federation: Association) -> None:
    """A draft of the federation, and one of the city that goes out in three days."""
    title, body = story.DRAFT
    words = {"audience": "members", "title": title, "body": body}
    BulletinDraft.objects.keep(by="連合会の役員", federation=federation, **words)
    title, body = story.SCHEDULED
    at = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=3)
    words = {"audience": "ward", "ward": "伏見区", "title": title, "body": body}
    BulletinDraft.objects.keep(by="地域力推進室 1", city=city, send_at=at, **words).send(by="地域力推進室 1")


def _show_to_members(federation: Association) -> None:
    title, place = story.SHARED
    with bound(federation):
        officer = Member.objects.with_seats().filter(pk__in=Member.objects.officers().values("pk")).first()
        starts = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=16)
        if officer:
            Event.plan(
                by=officer, title=title, place=place, starts_at=starts, ends_at=starts + timedelta(hours=3), shared=True
            )


def _grants(association: Association) -> None:
    """The city pays the delivery ledger for one association, so that both a free and a paid site can be seen."""
    if association.slug == "fujishirodai":
        with public():
            association.grant(Feature.DELIVERY_LEDGER, source=Grant.Source.CITY)
