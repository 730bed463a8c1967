"""Applications as a representative would send them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from controlplane.associations.models import Association, Operator
from controlplane.cities.models import City
from controlplane.tenancy import public
from provisioning.models import Application
from tests.provisioning import endings


@pytest.fixture
def fields(kyoto: City) -> dict[str, Any]:
    return {
        "name": "樫原第1町内会",
        "kana": "かたぎはらだいいちちょうないかい",
        "kind": "association",
        "city": kyoto,
        "ward": "西京区",
        "postal_code": "6158106",
        "address": "京都市西京区樫原杉原町",
        "households": 140,
        "representative_name": "会長",
        "representative_email": "kaicho@katagihara1.example.jp",
        "representative_phone": "+81751234567",
    }


@pytest.fixture
def apply(fields: dict[str, Any]) -> Callable[..., Application]:
    def submit(**changes: Any) -> Application:
        with public():
            return Application.objects.submit(**(fields | changes))[0]

    return submit


@pytest.fixture
def ending(django_db_setup: None, django_db_blocker: Any) -> Iterator[Association]:
    """An association of its own, committed: a dump reads it in a transaction of its own."""
    with django_db_blocker.unblock():
        association = endings.found_live()
        yield association
        endings.sweep(association)
        connection.close()


@pytest.fixture
def two(ending: Association) -> list[Operator]:
    """Two people of operations."""
    return endings.operators()
