"""An application in the queue, and a browser at operations' desk."""

import pytest

from controlplane.tenancy import public
from provisioning.models import Application


@pytest.fixture
def desk(apex, operator):
    return apex(operator)


@pytest.fixture
def submit(kyoto):
    """Hand an application in, with these fields instead of the usual ones."""

    def hand_in(**other):
        fields = {
            "name": "桃山南第2町内会",
            "kana": "ももやまみなみじちかい",
            "kind": "association",
            "city": kyoto,
            "ward": "伏見区",
            "postal_code": "612-8001",
            "address": "京都市伏見区桃山町1",
            "households": 180,
            "representative_name": "代表 1",
            "representative_email": "daihyo@example.jp",
            "representative_phone": "+81756111144",
        }
        with public():
            return Application.objects.submit(**(fields | other))[0]

    return hand_in


@pytest.fixture
def application(submit):
    return submit()
