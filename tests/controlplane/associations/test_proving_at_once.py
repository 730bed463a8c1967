"""Two associations prove one host at the same moment: one has it, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connection

from controlplane.associations.models import Association, CustomDomain, Domain
from controlplane.audit.models import Entry
from controlplane.tenancy import public


def test_two_who_prove_at_the_same_moment(django_db_setup, django_db_blocker, nameserver):
    host = "www.doji.jp"
    with django_db_blocker.unblock():
        with public():
            rows = [
                CustomDomain.objects.ask(each, host, by="x")
                for each in Association.objects.filter(slug__in=["tonan", "fujishiro"])
            ]
        nameserver.zones[(f"_kairan.{host}", "TXT")] = [row.record_value for row in rows]
        try:
            assert sorted(_at_once(rows)) == ["proven", "refused"]
            with public():
                assert Domain.objects.filter(host=host).count() == 1
        finally:
            with public():
                Domain.objects.filter(host=host).delete()
                CustomDomain.objects.filter(host=host).delete()
                Entry.objects.filter(verb__startswith="domain.").delete()
            connection.close()


def _at_once(rows):
    barrier = Barrier(len(rows))

    def go(row):
        barrier.wait()
        try:
            with public():
                return row.verify().value
        except ValidationError:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(rows)) as pool:
        return list(pool.map(go, rows))
