"""Taking turns: what is counted before it is spent is counted by one transaction at a time."""

from django.db import connection


def one_at_a_time(name: str) -> None:
    """Until this transaction ends, others who come here under the same name wait, and then see what it did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
