"""pgbouncer in transaction mode in front of PostgreSQL, from Debian's package; its system service is never started."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from infra.dev.folder import StackError
from infra.dev.ports import free_port, listening
from infra.dev.processes import Processes
from infra.dev.system_user import user_for

SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin"
POLICY = Path("/usr/sbin/policy-rc.d")  # asked by Debian's packages whether they may start their services

SETTINGS = """\
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {auth_file}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
server_login_retry = 0.1
log_connections = 0
log_disconnections = 0
"""


def start_pgbouncer(processes: Processes, folder: Path, database_url: str, *, size: int) -> str:
    """Share `size` server connections among all clients; answer the URL that leads through the pooler."""
    binary, home, listen_port = installed(), folder / "pgbouncer", free_port()
    server = conninfo_to_dict(database_url)
    user = user_for(home, binary)  # it refuses to run as root
    user.make_folder(home)
    config, auth_file = home / "pgbouncer.ini", home / "users.txt"
    auth_file.write_text(f'"{server["user"]}" "{server["password"]}"\n')
    config.write_text(
        SETTINGS.format(
            host=server["host"], port=server["port"], listen_port=listen_port, auth_file=auth_file, size=size
        )
    )
    for path in (config, auth_file):
        path.chmod(0o600)
        user.own(path)
    processes.start("pgbouncer", [*user.prefix, binary, config], **user.options)
    processes.wait_until(lambda: listening(listen_port), "pgbouncer")
    return f"postgresql://{server['user']}:{server['password']}@127.0.0.1:{listen_port}/{server['dbname']}"


def installed() -> Path:
    """Where pgbouncer is; on a machine with apt that lets us, it is installed when it is not there."""
    found = _find()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing pgbouncer...", file=sys.stderr, flush=True)
        _install()
        found = _find()
    if found is None:
        raise StackError("This needs pgbouncer in front of PostgreSQL: sudo apt install pgbouncer")
    return found


def _find() -> Path | None:
    binary = shutil.which("pgbouncer") or shutil.which("pgbouncer", path=SYSTEM_FOLDERS)
    return Path(binary) if binary else None


def _install() -> None:
    quietly = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    with _services_held_back():
        subprocess.run(["apt-get", "update", "-qq"], check=True, **quietly)  # type: ignore[call-overload]
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "pgbouncer"]
        subprocess.run(command, check=True, **quietly)  # type: ignore[call-overload]


@contextmanager
def _services_held_back() -> Iterator[None]:
    """Debian starts the services it installs unless this file says no; one that is there already is left alone."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
