"""Counting a city anew: from the rows of Adoption to the sums and standings its dashboard reads.

Set by set in SQL: one night of 3,000 associations is added up while a loop over them would still fetch rows.
"""

from datetime import date
from typing import Any

from django.db import connection, models
from django.utils import timezone

from controlplane.cities.figures import SUPPRESS_BELOW

QUIET_AFTER = 60  # days without a new post


def recount(city: models.Model, associations: models.QuerySet[Any], since: date) -> None:
    """Write the city's days from this one on, and where these associations stand, from Adoption alone.

    Whatever was there is replaced, so that counting twice changes nothing. The caller holds the city's row.
    """
    known = {
        "city": city.pk,
        "live": list(associations.order_by().values_list("pk", flat=True)),
        "since": since,
        "zone": timezone.get_default_timezone_name(),
        "few": SUPPRESS_BELOW,
        "quiet": QUIET_AFTER,
    }
    with connection.cursor() as cursor:
        for statement in (_LIVE + _COUNT_DAYS, _FORGET_STANDINGS, _LIVE + _TAKE_STANDINGS):
            cursor.execute(statement, known)


# Who takes part, from when, and when they wrote first. Numbers older than the site (of a demonstration) count as well.
_LIVE = """
    WITH live AS MATERIALIZED (
      SELECT a.uuid, a.ward, coalesce(nullif(a.kana, ''), a.name) AS reading, a.households,
             least(day.live_on, first.day) AS since,
             greatest(0, post.day - day.live_on) AS waited, post.day AS posted
        FROM associations_association a
        CROSS JOIN LATERAL (SELECT (a.live_at AT TIME ZONE %(zone)s)::date AS live_on) day
        LEFT JOIN LATERAL (SELECT min("on") AS day FROM cities_adoption WHERE association_id = a.uuid) first ON true
        LEFT JOIN LATERAL (SELECT "on" AS day FROM cities_adoption WHERE association_id = a.uuid AND posts > 0
                            ORDER BY "on" LIMIT 1) post ON true
       WHERE a.uuid = ANY(%(live)s))
"""
_FORGET_STANDINGS = "DELETE FROM cities_standing WHERE city_id = %(city)s AND association_id <> ALL(%(live)s)"

# A day is written down when somebody published on it or somebody new took part from it; between two days nothing moves.
_COUNT_DAYS = """, days AS (
      SELECT since AS day FROM live WHERE since >= %(since)s
      UNION SELECT "on" FROM cities_adoption WHERE "on" >= %(since)s AND association_id = ANY(%(live)s)),
    standing AS MATERIALIZED (
      SELECT days.day, live.ward, live.households AS now, n.*, n.members BETWEEN 1 AND %(few)s - 1 AS members_few,
             n.registered_households BETWEEN 1 AND %(few)s - 1 AS registered_few,
             n.reads BETWEEN 1 AND %(few)s - 1 AS reads_few, n.posts = before.posts AS is_quiet,
             CASE WHEN live.posted <= days.day THEN live.waited END AS waited
        FROM days JOIN live ON live.since <= days.day
        LEFT JOIN LATERAL (SELECT * FROM cities_adoption WHERE association_id = live.uuid AND "on" <= days.day
                            ORDER BY "on" DESC LIMIT 1) n ON true
        LEFT JOIN LATERAL (SELECT posts FROM cities_adoption WHERE association_id = live.uuid
                            AND "on" <= n."on" - %(quiet)s ORDER BY "on" DESC LIMIT 1) before ON true),
    firsts AS (
      SELECT day, ward, grouping(ward) AS whole, percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median
        FROM standing GROUP BY GROUPING SETS ((day, ward), (day))),
    sums AS (
      SELECT day, ward, grouping(ward) AS whole, "on", count(*) AS associations,
             count(*) FILTER (WHERE active_members > 0) AS active, sum(now) AS households,
             sum(households) AS counted_households,
             sum(registered_households) FILTER (WHERE NOT registered_few) AS registered,
             count(*) FILTER (WHERE registered_few) AS registered_hidden,
             sum(members) FILTER (WHERE NOT members_few) AS members,
             count(*) FILTER (WHERE members_few) AS members_hidden,
             sum(reads) FILTER (WHERE NOT reads_few) AS reads, sum(posts) AS posts,
             count(*) FILTER (WHERE is_quiet) AS quiet, count(*) FILTER (WHERE posts = 0) AS without_posts
        FROM standing GROUP BY GROUPING SETS ((day, "on", ward), (day, "on"))),
    counted AS (
      SELECT %(city)s AS city_id, sums.ward, sums.day, sums."on", associations, active, households,
             coalesce(counted_households, 0) AS counted_households, coalesce(registered, 0) AS registered,
             registered_hidden, coalesce(members, 0) AS members, members_hidden, coalesce(reads, 0) AS reads,
             coalesce(posts, 0) AS posts, quiet, without_posts, round(firsts.median) AS days_to_first_post
        FROM sums JOIN firsts ON firsts.day = sums.day AND firsts.whole = sums.whole
                             AND firsts.ward IS NOT DISTINCT FROM sums.ward),
    gone AS (
      DELETE FROM cities_wardday w
       WHERE city_id = %(city)s AND day >= %(since)s AND NOT EXISTS (
             SELECT FROM counted c WHERE c.day = w.day AND c.ward IS NOT DISTINCT FROM w.ward
                                     AND c."on" IS NOT DISTINCT FROM w."on"))
    INSERT INTO cities_wardday
          (city_id, ward, day, "on", associations, active, households, counted_households, registered,
           registered_hidden, members, members_hidden, reads, posts, quiet, without_posts, days_to_first_post)
    SELECT * FROM counted
    ON CONFLICT (city_id, day, ward, "on") DO UPDATE
       SET associations = excluded.associations, active = excluded.active, households = excluded.households,
           counted_households = excluded.counted_households, registered = excluded.registered,
           registered_hidden = excluded.registered_hidden, members = excluded.members,
           members_hidden = excluded.members_hidden, reads = excluded.reads, posts = excluded.posts,
           quiet = excluded.quiet, without_posts = excluded.without_posts,
           days_to_first_post = excluded.days_to_first_post
"""
_TAKE_STANDINGS = """
    INSERT INTO cities_standing (association_id, city_id, since, ward, reading, newest_id, share)
    SELECT live.uuid, %(city)s, live.since, live.ward, live.reading, n.id,
           CASE WHEN n.members NOT BETWEEN 1 AND %(few)s - 1 THEN n.members / nullif(live.households, 0)::float END
      FROM live
      LEFT JOIN LATERAL (SELECT id, members FROM cities_adoption WHERE association_id = live.uuid
                          ORDER BY "on" DESC LIMIT 1) n ON true
    ON CONFLICT (association_id) DO UPDATE
       SET city_id = excluded.city_id, since = excluded.since, ward = excluded.ward, reading = excluded.reading,
           newest_id = excluded.newest_id, share = excluded.share
     WHERE cities_standing IS DISTINCT FROM excluded
"""
