"""Associations Stripe has never seen, and its side of the counter."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from controlplane.associations.features import Feature
from controlplane.associations.models import Association
from controlplane.cities.models import City
from controlplane.tenancy import public
from tests.billing.stripe_side import StripeSide

Found = Callable[..., Association]


@pytest.fixture(autouse=True)
def everything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole price list is for sale here, whatever this release can do: plans are changed up and down."""
    monkeypatch.setattr("billing.plans.BUILT", frozenset(Feature))


@pytest.fixture
def found(kyoto: City) -> Found:
    """`found(households=301)`: an association of its own, whom Stripe has never seen."""

    def make(households: int = 200, kind: str = Association.Kind.ASSOCIATION) -> Association:
        slug = f"a{uuid.uuid4().hex[:12]}"
        with public():
            return Association.objects.create(
                slug=slug, name="テスト自治会", kind=kind, city=kyoto, households=households, postal_code="612-8033"
            )

    return make


@pytest.fixture
def association(found: Found) -> Association:
    return found()


@pytest.fixture
def stripe_side(run_tasks: Callable[[], AbstractContextManager[None]]) -> StripeSide:
    return StripeSide(run_tasks)
