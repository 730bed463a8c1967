"""Which sessions and tokens of the apex host are staff's: the one place that says so, for pages and API alike.

Until the second factor is shown nobody is signed in: the session only remembers whose contact was proven, for minutes.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from controlplane.accounts.models import ApiToken, User
from controlplane.staff.models import SecondFactor

HALF_LIFE = timedelta(minutes=15)  # between the two factors
FRESH = timedelta(minutes=10)  # how long a shown factor allows changes to the factors themselves
NOTED = timedelta(minutes=1)  # how exactly it is written down when somebody was last here
_HALF, _STAFF = "first_factor", "staff"


@dataclass(frozen=True)
class Half:
    """Somebody who has proven their contact, and not yet the second factor."""

    user: User
    onward: str


def halfway(session: SessionBase, user: User, *, onward: str) -> None:
    """The code was right. A new key for the session: whoever knew the old one stays outside."""
    session.cycle_key()
    session[_HALF] = {"user": user.pk, "proof": user.get_session_auth_hash(), "at": _now(), "next": onward}


def half(session: SessionBase) -> Half | None:
    kept = session.get(_HALF)
    if not kept or _now() - kept["at"] > HALF_LIFE.total_seconds():
        return None
    user = User.objects.staff().filter(pk=kept["user"]).first()
    if user is None or not constant_time_compare(kept["proof"], user.get_session_auth_hash()):
        return None
    return Half(user, kept["next"])


def begin(session: SessionBase, *, factor: str) -> None:
    """From now on this is a staff session, for hours; `factor` is how it was proven, "" where none is asked for."""
    session.pop(_HALF, None)
    now = _now()
    session[_STAFF] = {"since": now, "seen": now, "factor": factor, "proven": now if factor else 0}
    session.set_expiry(timezone.now() + settings.STAFF_SESSION)


def prove_again(session: SessionBase, *, factor: str) -> None:
    """The factor was shown once more: changes are allowed for some minutes. The session lives no longer by it."""
    session.cycle_key()
    session[_STAFF] = {**session.get(_STAFF, {}), "factor": factor, "proven": _now()}


def is_fresh(session: SessionBase) -> bool:
    kept = session.get(_STAFF)
    return kept is not None and bool(_now() - kept["proven"] <= FRESH.total_seconds())


def stands(session: SessionBase) -> bool:
    """Whether a signed-in session may act for staff now; notes that somebody is here."""
    kept = session.get(_STAFF)
    if settings.STAFF_SECOND_FACTOR and not (kept and kept["factor"]):
        return False
    if not kept:  # from before there were staff sessions, where no factor is asked for: its hours begin now
        begin(session, factor="")
        return True
    now = _now()
    if now - kept["since"] > settings.STAFF_SESSION.total_seconds():
        return False
    idle = now - kept["seen"]
    if idle > NOTED.total_seconds():
        session[_STAFF] = kept | {"seen": now}
    return bool(idle <= settings.STAFF_SESSION_IDLE.total_seconds())


def token_stands(token: ApiToken) -> bool:
    """Whether an API token may act for staff: made with the second factor, which ends older ones, and some hours old.

    Its age is asked again here, because the release before this one made them to last three months.
    """
    if timezone.now() - token.created_at > settings.STAFF_SESSION:
        return False
    return not settings.STAFF_SECOND_FACTOR or SecondFactor.objects.is_set_up(token.user)


def _now() -> float:
    return timezone.now().timestamp()
