"""What was typed and sent: kept where it could not be taken, and taken once where it came twice. In every schema."""

from controlplane.accounts.models import User
from controlplane.sending.models.kept import Kept
from controlplane.sending.models.taken import DoneMeanwhile, KeyOfAnother, Taken

__all__ = ["DoneMeanwhile", "Kept", "KeyOfAnother", "Taken", "forget", "prune"]


def forget(user: User) -> None:
    """Remove whatever is kept of this person's words, and the marks of what they sent."""
    Kept.objects.forget(user)
    Taken.objects.filter(account=user.pk).delete()


def prune() -> None:
    """Under the current binding: remove what is more than a day old."""
    Kept.objects.stale().delete()
    Taken.objects.stale().delete()
