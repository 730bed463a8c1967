"""What Kairan needs of a PostgreSQL cluster before its own migrations: a login role without power over the cluster, its
database, and a schema of extensions that every association may use. Every statement may be repeated at each start."""

from psycopg import Connection, connect, sql

from infra.dev.folder import StackError

ROLE = NAME = "kairan"

EXTENSIONS = """
CREATE SCHEMA IF NOT EXISTS extensions;
GRANT USAGE ON SCHEMA extensions TO PUBLIC;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA extensions;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO kairan;
"""


def prepare(admin_url: str, password: str) -> None:
    """template1 first: the database made from it, and pytest-django's test databases later, inherit all of it."""
    with connect(f"{admin_url}/template1", autocommit=True) as template:
        _ensure_role(template, password)
        template.execute(EXTENSIONS)
        _check_japanese(template)
    with connect(f"{admin_url}/postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute("CREATE DATABASE kairan OWNER kairan TEMPLATE template1")


def _ensure_role(connection: Connection, password: str) -> None:
    """CREATEROLE makes a role per association; the self-grant lets kairan `SET ROLE` to it without inheriting from it.
    CREATEDB is for the test databases only."""
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
        connection.execute("CREATE ROLE kairan")
    connection.execute(
        sql.SQL("ALTER ROLE kairan LOGIN NOSUPERUSER CREATEROLE CREATEDB PASSWORD {}").format(sql.Literal(password))
    )
    connection.execute("ALTER ROLE kairan SET createrole_self_grant = 'set'")


def _check_japanese(connection: Connection) -> None:
    row = connection.execute("SELECT extensions.show_trgm('回覧板') <> '{}'").fetchone()
    if not row or not row[0]:
        raise StackError("This PostgreSQL finds nothing in Japanese text: its LC_CTYPE is not C.UTF-8. `make reset`.")
