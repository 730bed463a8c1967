"""P8, in small: many submits and many approvals at the same moment make one application, one association, one run."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.cities.models import City
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from provisioning.models import Application, Run

AT_ONCE = 10
EMAIL = "race@example.jp"
FIELDS = {
    "name": "同時町内会",
    "kind": "association",
    "ward": "西京区",
    "postal_code": "6158106",
    "address": "京都市西京区樫原杉原町",
    "households": 140,
    "representative_name": "会長",
    "representative_email": EMAIL,
    "representative_phone": "+81751234567",
}


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """Real commits, as threads need them; what they wrote is taken away again."""
    with django_db_blocker.unblock():
        with public():
            city = City.objects.get(slug="kyoto")
        yield city
        with public():
            Association.objects.filter(application__representative_email=EMAIL).delete()
            Application.objects.filter(representative_email=EMAIL).delete()
            Message.objects.filter(to=EMAIL).delete()
            Entry.objects.filter(object_type__startswith="provisioning").delete()
        connection.close()


def at_once(act, arguments):
    barrier = Barrier(len(arguments))

    def go(argument):
        barrier.wait()
        try:
            with public():
                return act(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(go, arguments))


@pytest.mark.parametrize("key", ["", "one-key"])
def test_the_same_form_sent_many_times_at_once_is_one_application(committed, key):
    answers = at_once(
        lambda _n: Application.objects.submit(idempotency_key=key, city=committed, **FIELDS), range(AT_ONCE)
    )
    assert len({application.pk for application, _new in answers}) == 1
    assert [new for _application, new in answers].count(True) == 1
    with public():
        assert Message.objects.filter(to=EMAIL).count() == 1


def test_many_approvals_at_once_make_one_association_and_one_run(committed):
    with public():
        application, _new = Application.objects.submit(city=committed, **FIELDS)

    def approve(number):
        return Application.objects.get(pk=application.pk).approve(by="運営 1", slug=f"race{number}").pk

    assert len(set(at_once(approve, range(AT_ONCE)))) == 1
    with public():
        assert Association.objects.filter(slug__startswith="race").count() == 1
        assert Run.objects.filter(association__slug__startswith="race").count() == 1


def test_two_applications_for_one_slug_make_one_association(committed):
    with public():
        rivals = [_submit(committed, f"町内会{number}") for number in range(AT_ONCE)]

    def approve(pk):
        try:
            return Application.objects.get(pk=pk).approve(by="運営 1", slug="race-one")
        except ValidationError as refusal:
            return refusal.message_dict["slug"]

    answers = at_once(approve, rivals)
    assert sum(isinstance(answer, Run) for answer in answers) == 1


def _submit(city: City, name: str) -> int:
    return Application.objects.submit(city=city, **(FIELDS | {"name": name}))[0].pk
