"""What Kairan asks of the database itself. Each `manage.py migrate` sees to it, as the database's owner."""

from django.db import connection
from psycopg import sql

from controlplane.tenancy.binding import UNBOUND

_BEGINS_UNBOUND = """
SELECT EXISTS (
    SELECT 1 FROM pg_db_role_setting s
      JOIN pg_database d ON d.oid = s.setdatabase
      JOIN pg_roles r ON r.oid = s.setrole
     WHERE d.datname = current_database() AND r.rolname = session_user AND %s = ANY (s.setconfig))
"""
_ANYBODY_MAKES_TEMPORARY = """
SELECT EXISTS (
    SELECT 1 FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
     WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'TEMPORARY')
"""


def prepare() -> None:
    """Repeatable; changes nothing that is right already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_database()")
        role, database = map(sql.Identifier, cursor.fetchone())
        # Every session of the login role begins unbound, whoever opens it: a pooler asks for nothing.
        cursor.execute(_BEGINS_UNBOUND, [f"search_path={UNBOUND}"])
        if cursor.fetchone() == (False,):
            path = sql.SQL("ALTER ROLE {} IN DATABASE {} SET search_path = {}")
            cursor.execute(path.format(role, database, sql.Identifier(UNBOUND)))
        # A temporary table comes before all others in any search path, and outlives the binding it was made in.
        cursor.execute(_ANYBODY_MAKES_TEMPORARY)
        if cursor.fetchone() == (True,):
            cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
