"""P4: PostgreSQL itself refuses. Swept from its catalog, so that new tables, sequences and functions are covered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, connection, transaction

from controlplane.tenancy import bound
from controlplane.tenancy.binding import schema_name

INSUFFICIENT_PRIVILEGE = "42501"
TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


@pytest.fixture(params=["tonan", "fujishiro"])
def association(request) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
def role(association) -> str:
    return schema_name(association.uuid)


def rows(query: str, params: Any = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def foreign_relations(role: str, kinds: str) -> list[tuple[str, str]]:
    """Every relation of these kinds in any schema but the role's own, PostgreSQL's left out."""
    query = f"""SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = ANY (%s) AND n.nspname <> %s AND {OURS} ORDER BY 1, 2"""
    return rows(query, [list(kinds), role])


def went_through(association: Any, statements: dict[str, str]) -> list[str]:
    """Those of the statements that PostgreSQL did not refuse to the association's role."""
    with bound(association):
        return [name for name, statement in statements.items() if outcome(statement) != INSUFFICIENT_PRIVILEGE]


def outcome(statement: str) -> str:
    """The SQLSTATE of a statement, undone at once; "" when it went through."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except Error as error:
        return str(getattr(error.__cause__, "sqlstate", error))
    return ""


def test_a_role_has_no_right_to_any_table_but_its_own(role):
    tables = foreign_relations(role, "rvmfp")
    assert {"public"} < {schema for schema, _table in tables}
    rights = "SELECT has_table_privilege(%s, %s, %s)"
    held = [
        f"{right} {schema}.{table}"
        for schema, table in tables
        for right in TABLE_RIGHTS
        if rows(rights, [role, f'"{schema}"."{table}"', right]) == [(True,)]
    ]
    assert held == []


ATTEMPTS: dict[str, Callable[[str, str], str]] = {
    "SELECT": lambda table, column: f"SELECT 1 FROM {table} LIMIT 1",
    "INSERT": lambda table, column: f"INSERT INTO {table} DEFAULT VALUES",
    "UPDATE": lambda table, column: f'UPDATE {table} SET "{column}" = NULL',
    "DELETE": lambda table, column: f"DELETE FROM {table}",
    "TRUNCATE": lambda table, column: f"TRUNCATE {table}",
    "COPY": lambda table, column: f"COPY {table} TO STDOUT",
    "LOCK": lambda table, column: f"LOCK TABLE {table} IN ACCESS SHARE MODE",
    "REFERENCES": lambda table, column: f"CREATE TABLE x (y int REFERENCES {table})",
    "ALTER": lambda table, column: f"ALTER TABLE {table} ADD COLUMN x int",
    "DROP": lambda table, column: f"DROP TABLE {table}",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_every_attempt_on_a_foreign_table_is_refused(association, role, attempt):
    """Even with the schema spelled out."""
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1"
    statements = {}
    for schema, table in foreign_relations(role, "r"):
        name = f'"{schema}"."{table}"'
        statements[name] = ATTEMPTS[attempt](name, rows(columns, [name])[0][0])
    assert len(statements) > 30
    assert went_through(association, statements) == []


def test_a_role_may_change_no_definition_of_its_own_tables_either(association):
    own = {
        "drop": "DROP TABLE feed_post",
        "alter": "ALTER TABLE feed_post ADD COLUMN x int",
        "truncate": "TRUNCATE feed_post CASCADE",
        "index": "CREATE INDEX x ON feed_post (id)",
        "create": f'CREATE TABLE "{schema_name(association.uuid)}".x (y int)',
        "function": f'CREATE FUNCTION "{schema_name(association.uuid)}".x() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    }
    assert went_through(association, own) == []


def test_a_role_may_make_nothing_anywhere(association, role):
    """No schema, no table in public or extensions, no temporary table that would come before the association's own."""
    makes = "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'CREATE')"
    assert rows(makes, [role]) == []
    uses = f"SELECT n.nspname FROM pg_namespace n WHERE {OURS} AND has_schema_privilege(%s, n.oid, 'USAGE')"
    assert {name for (name,) in rows(uses, [role])} == {role, "extensions"}
    attempts = {
        "schema": "CREATE SCHEMA x",
        "temporary table": "CREATE TEMPORARY TABLE feed_post (id int)",
        "role": "CREATE ROLE x",
        "extension": "CREATE EXTENSION postgres_fdw",
        "database": "ALTER DATABASE postgres SET work_mem = '1MB'",
        "program": "COPY (SELECT 1) TO PROGRAM 'true'",
        "file": "SELECT pg_read_file('PG_VERSION')",
    }
    assert went_through(association, attempts) == []


def test_sequences_are_out_of_reach(association, role):
    foreign = {
        f"{schema}.{name}": f'SELECT nextval(\'"{schema}"."{name}"\')' for schema, name in foreign_relations(role, "S")
    }
    assert len(foreign) > 30
    assert went_through(association, foreign) == []


def test_no_function_lends_anybody_s_rights(db):
    """A SECURITY DEFINER function would act as its owner, whoever calls it."""
    lending = f"""SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                  WHERE p.prosecdef AND {OURS}"""
    assert rows(lending) == []


def test_a_role_is_nobody_but_itself(role):
    """It cannot log in, has no power over the cluster, belongs to no other role; none inherits from it."""
    assert rows(
        """SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
           FROM pg_roles WHERE rolname = %s""",
        [role],
    ) == [(False,) * 6]
    memberships = "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = %s::regrole"
    assert rows(memberships, [f'"{role}"']) == []
    heirs = "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = %s::regrole AND inherit_option"
    assert rows(heirs, [f'"{role}"']) == []


def test_the_login_role_has_no_power_over_the_cluster(db):
    assert rows("SELECT rolsuper, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = session_user") == [
        (False,) * 3
    ]


def test_what_others_say_and_hold_is_not_shown(association, role):
    """The catalog lists names; statistics of foreign rows and statements under way are PostgreSQL's to keep back."""
    with bound(association):
        for view, column in (("pg_stats", "schemaname"), ("information_schema.tables", "table_schema")):
            shown = {name for (name,) in rows(f"SELECT DISTINCT {column} FROM {view}")}
            assert shown <= {role, "extensions", "information_schema", "pg_catalog"}
        told = rows("SELECT DISTINCT query FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query <> ''")
        assert {query for (query,) in told} <= {"<insufficient privilege>"}
