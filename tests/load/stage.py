"""A whole stack on a port of its own with the demonstration's five associations, forty members of each signed in."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.dev.application import bring_up
from infra.dev.folder import locked
from infra.dev.ports import free_port
from infra.dev.processes import Processes

PEOPLE = 40  # of each association


@dataclass
class Place:
    """One association: its host, and what its people can open."""

    slug: str
    host: str
    cookies: list[str] = field(default_factory=list)  # one a person
    officer: str = ""  # the cookie of somebody who may do everything
    officer_token: str = ""
    tokens: list[str] = field(default_factory=list)
    posts: list[int] = field(default_factory=list)


@dataclass
class Stage:
    port: int
    env: dict[str, str]
    processes: Processes
    places: list[Place]


@contextmanager
def stage() -> Iterator[Stage]:
    port = free_port()
    os.environ["PORT"] = str(port)
    with tempfile.TemporaryDirectory(prefix="kairan-load-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as somebody else, who has to get in
        with locked(folder) as lock, Processes(folder / "logs", lock) as processes:
            env = bring_up(processes, folder, port)
            os.environ.update(env)
            yield Stage(port, env, processes, _people())


def _people() -> list[Place]:
    import django

    django.setup()
    from controlplane.associations.models import Association
    from controlplane.tenancy import public

    with public():
        associations = list(Association.objects.order_by("slug"))
    return [_place(association) for association in associations]


def _place(association: object) -> Place:
    from django.conf import settings

    from controlplane.accounts.models import ApiToken
    from controlplane.associations.models import Association
    from controlplane.tenancy import bound
    from tenants.feed.models import Post
    from tenants.members.models import Member

    assert isinstance(association, Association)
    place = Place(association.slug, f"{association.slug}.{settings.APEX_HOST}")
    with bound(association):
        known = Member.objects.select_related("user").exclude(user=None)
        people = [person for person in known[:400] if person.is_admitted]
        officers = [person for person in people if person.is_officer]
        for person in people[:PEOPLE]:
            place.cookies.append(_session(person.user))
            place.tokens.append(ApiToken.objects.issue(person.user)[1])
        place.officer = _session(officers[0].user)
        place.officer_token = ApiToken.objects.issue(officers[0].user)[1]
        everyones = Post.objects.visible_to(people[0]).filter(audience=Post.Audience.EVERYONE)
        place.posts = list(everyones.values_list("pk", flat=True)[:30])
    return place


def _session(user: object) -> str:
    """Sign somebody in as the sign-in page does, and return the Cookie header."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from controlplane.accounts.models import User

    assert isinstance(user, User)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def told(text: str) -> None:
    print(text, flush=True, file=sys.stdout)
