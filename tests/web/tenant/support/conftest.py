"""Operations at their desk, an association that lets them in, and the browser they come with."""

import re

import pytest
from django.conf import settings
from django.db import connection

from controlplane.accounts.models import User
from controlplane.associations.models import Operator, SupportAccess
from controlplane.tenancy import public
from controlplane.tenancy.binding import schema_name


@pytest.fixture
def desk(apex, operator):
    return apex(operator)


@pytest.fixture
def grant(client_for, officer):
    """The representative lets operations in."""

    def let_in(hours=24, **more):
        return client_for(officer).post("/support/grant/", {"hours": hours, **more})

    return let_in


@pytest.fixture
def key():
    """The path of the site's door, as the desk leads there."""

    def made(desk, slug="tonan"):
        page = desk.post(f"/operations/associations/{slug}/support/visit/")
        assert page.status_code == 200, page.content.decode()
        host = f"http://{slug}.{settings.APEX_HOST}{settings.PUBLIC_PORT}"
        return re.search(rf'href="{re.escape(host)}(/support/[^"]+/)"', page.content.decode())[1]

    return made


@pytest.fixture
def visitor(desk, grant, key, browser, tonan):
    """A browser in which an operator looks at 桃南会."""
    grant()
    client = browser(tonan)
    assert client.get(key(desk)).url == "/"
    client.raise_request_exception = False
    return client


@pytest.fixture
def second_operator(db):
    with public():
        user = User.objects.create(email="colleague@example.jp")
        Operator.objects.create(user=user, name="運営 2")
    return user


@pytest.fixture
def latest(tonan):
    def row():
        with public():
            return SupportAccess.objects.filter(association=tonan).first()

    return row


@pytest.fixture
def fingerprint(tonan):
    """A hash of every row of the association, but for its log and the sessions themselves."""

    def taken():
        schema = schema_name(tonan.uuid)
        with public(), connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
            names = [name for (name,) in cursor.fetchall() if name not in {"audit_entry", "django_session"}]
            assert len(names) > 15
            found = {}
            for name in names:
                cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{schema}"."{name}" t')
                found[name] = cursor.fetchone()[0]
        return found

    return taken
