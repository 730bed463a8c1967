"""P2, in small: threads that bind, nest and fail at the same time read their own association and nothing else."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import ProgrammingError, connection

from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from tenants.feed.models import Post
from tests.conftest import CANARY

THREADS, READS = 8, 150


@pytest.fixture
def sites(django_db_setup, django_db_blocker):
    """The two associations as committed, for threads with connections of their own."""
    with django_db_blocker.unblock():
        with public():
            associations = list(Association.objects.filter(slug__in=CANARY))
        yield associations
        connection.close()


def test_threads_never_read_each_other_s_association(sites):
    def read(seed: int) -> set[tuple[str, str]]:
        dice, seen = random.Random(seed), set()
        try:
            for _n in range(READS):
                mine, other = dice.sample(sites, 2)
                with bound(mine):
                    if dice.random() < 0.3:
                        with bound(other):
                            seen.add((other.slug, Post.objects.values_list("body", flat=True)[0]))
                    if dice.random() < 0.1:
                        _fail_inside(other)
                    seen.add((mine.slug, Post.objects.values_list("body", flat=True)[0]))
                with pytest.raises(ProgrammingError):
                    Post.objects.exists()  # the connection forgot the association with its transaction
        finally:
            connection.close()
        return seen

    with ThreadPoolExecutor(THREADS) as pool:
        results = set().union(*pool.map(read, range(THREADS)))
    assert results == set(CANARY.items())


def _fail_inside(association: Association) -> None:
    try:
        with bound(association):
            list(Post.objects.values_list("body", flat=True))
            raise RuntimeError
    except RuntimeError:
        pass
