"""A live association with a schema of its own, really committed: what its end takes with it can be looked for."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.associations.models import Association, Domain, Operator
from controlplane.audit.models import Entry
from controlplane.cities.models import City
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, schemas
from controlplane.tenancy.binding import schema_name
from provisioning.models import Application, Closure, SchemaRelease
from tenants.members.models import Household, Member, Seat
from tests.stored import default_storage

REPRESENTATIVE = "kaicho@owari.example.jp"
APPLICANT = "hajime@owari.example.jp"


def found_live(name: str = "おわり町内会") -> Association:
    """With a representative, a file, and the application it came from."""
    slug = f"owari{uuid.uuid4().hex[:10]}"
    with public():
        city = City.objects.get(slug="kyoto")
        association = Association.objects.create(
            slug=slug, name=name, city=city, households=40, postal_code="612-8001", address="京都市伏見区桃山町1"
        )
        Application.objects.create(
            name=name, kind="association", city=city, postal_code="612-8001", address="京都市伏見区桃山町1",
            households=40, representative_name="代表 1", representative_email=APPLICANT,
            representative_phone="+81756111144", status="approved", association=association,
        )  # fmt: skip
    build(association)
    with public():
        association.open()
    return association


def build(association: Association) -> None:
    schemas.build(association.uuid)
    with public():
        SchemaRelease.note(association.uuid)
    with bound(association):
        user = User.objects.create(email=REPRESENTATIVE)
        home = Household.objects.create(name="会長", channel=Household.Channel.APP)
        chair = Member.objects.create(user=user, household=home, name="会長 1", admitted_at=timezone.now())
        Seat.objects.create(title="会長", kind=Seat.Kind.REPRESENTATIVE).hand_over(chair, by="tests")
        default_storage.save("attachments/x", ContentFile("おわりの写真".encode()))


def operators() -> list[Operator]:
    """A, B: two people of operations."""
    with public():
        return [_operator(letter) for letter in "ab"]


def _operator(letter: str) -> Operator:
    user, _new = User.objects.get_or_create(email=f"{letter}@operators.example.jp")
    return Operator.objects.get_or_create(user=user, defaults={"name": f"運営 {letter}"})[0]


def close(association: Association) -> Closure:
    with public():
        return Closure.begin(association, by="運営 1", reason="合併のため")


def fresh(closure: Closure) -> Closure:
    with public():
        return Closure.objects.select_related("association").get(pk=closure.pk)


def pass_days(closure: Closure, days: float) -> None:
    """What the calendar does: everything that was written down moves into the past."""
    with public():
        row = Closure.objects.get(pk=closure.pk)
        shift = timedelta(days=days)
        Closure.objects.filter(pk=closure.pk).update(
            closed_at=row.closed_at - shift, retained_until=row.retained_until - shift
        )


def over(closure: Closure) -> None:
    pass_days(closure, settings.CLOSURE_RETENTION_DAYS + 1)


def exists(association: Association) -> bool:
    with transaction.atomic():
        return schemas.schema_stamp(association.uuid) is not None


def letters(to: str = REPRESENTATIVE) -> list[str]:
    """The subjects of what was written to them, oldest first."""
    with public():
        return list(Message.objects.filter(to=to).order_by("pk").values_list("subject", flat=True))


def visit(association: Association, path: str = "/") -> Any:
    return Client(HTTP_HOST=f"{association.slug}.{settings.APEX_HOST}").get(path)


def approve(closure: Closure, operator: Operator, name: str = "おわり町内会") -> None:
    with public():
        fresh(closure).approve(by=operator, name=name)


def ripe(association: Association) -> Closure:
    """Closed, retention over, dump verified."""
    closure = close(association)
    over(closure)
    fresh(closure).tend()
    return fresh(closure)


def sweep(association: Association) -> None:
    """After the test: without any proof, by raw SQL, as only a test may."""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema_name(association.uuid)}" CASCADE')
    default_storage.empty(association.uuid)
    _drop_role(association)
    with public():
        Closure.objects.filter(association=association).delete()
        Message.objects.filter(to__in=[REPRESENTATIVE, APPLICANT]).delete()
        Entry.objects.filter(object_id=str(association.pk)).delete()
        Application.objects.filter(association=association).delete()
        Domain.objects.filter(association=association).delete()
        Association.objects.filter(pk=association.pk).delete()


def _drop_role(association: Association) -> None:
    if schemas.role_exists(association.uuid):
        name = schema_name(association.uuid)
        with connection.cursor() as cursor:
            cursor.execute(f'REVOKE USAGE ON SCHEMA extensions FROM "{name}"; DROP ROLE "{name}"')
