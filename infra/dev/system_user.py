"""The system user PostgreSQL runs as: ourselves, or another one when we are root, whom PostgreSQL refuses."""

import os
import pwd
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.dev.folder import StackError


@dataclass(frozen=True)
class SystemUser:
    """How to start a command as this user: a prefix for its command line, or options of `subprocess.Popen`."""

    prefix: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    account: pwd.struct_passwd | None = None

    def make_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700)
        self.own(path)

    def own(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)


def user_for(folder: Path, binaries: Path) -> SystemUser:
    """As root: the owner of the folder, `nobody` for a new one. It needs a way to the folder and to the binaries; where
    a parent is closed to others we leave its mode alone and hand down the right to pass instead (setpriv)."""
    if os.geteuid() != 0:
        return SystemUser()
    account = pwd.getpwuid(folder.stat().st_uid) if folder.exists() else pwd.getpwnam("nobody")
    closed = [parent for path in (folder, binaries) for parent in path.parents if not _open_to_all(parent)]
    if not closed:
        options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return SystemUser(options=options, account=account)
    return SystemUser(prefix=_passing_everywhere(account, closed[-1]), account=account)


def _open_to_all(folder: Path) -> bool:
    return not folder.exists() or bool(folder.stat().st_mode & stat.S_IXOTH)


def _passing_everywhere(account: pwd.struct_passwd, closed: Path) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise StackError(
            f"PostgreSQL does not run as root, and the user {account.pw_name} cannot enter {closed}.\n"
            "Install util-linux (for setpriv), move the checkout to a folder others may enter, or do not be root."
        )
    # PostgreSQL looks for its binaries with access(2), which heeds capabilities only with this bit.
    bits, capability = "--securebits=+no_setuid_fixup", "-all,+dac_override"
    identity = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    return (setpriv, *identity, bits, f"--inh-caps={capability}", f"--ambient-caps={capability}")
