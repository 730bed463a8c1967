"""What of an association's schema goes into an archive, and what does not: said here, once."""

import re

from controlplane.tenancy.shape import Table

# Keys that open something now. A restored site asks everybody for a new code, and sends no letter twice.
LEFT_OUT = {
    "django_session": "a session is somebody signed in",
    "accounts_logincode": "a code lets its reader in",
    "accounts_apitoken": "a token lets its bearer in",
    "accounts_device": "where somebody is signed in, which an archive brings nobody back to",
    "accounts_contactchange": "good for three days, by links in letters that are not sent again",
    "feed_upload": "pieces of a file on its way in; gone after a day",
    "sending_kept": "what somebody typed and could not send; only their browser can open it, for a day",
    "sending_taken": "what was sent already; gone after a day",
    "search_entry": "the search index is made anew from what it tells of",
    "calendar_telling": "letters still to be written would be written again",
    "outbox_message": "a letter may hold a code, and one still queued would be sent again",
}
HISTORY = "django_migrations"

# Columns that name an object in the object store; everything they name goes into the archive.
FILES = {"feed_attachment": ("key", "preview_key")}
# A bulletin's document is kept once, by its sender, for every feed it stands in: no archive of a feed holds it.
NOT_OURS = re.compile(r"public/bulletins/[A-Za-z0-9]{32}(-preview)?")


def exported(tables: dict[str, Table]) -> dict[str, Table]:
    """Everything that is not left out: a table nobody has thought of here is exported."""
    return {name: table for name, table in tables.items() if name not in LEFT_OUT}
