"""The backing servers of Kairan, each left out when its URL is already in the environment, and the environment that
leads a Django process to them."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.dev.folder import keys, locked
from infra.dev.gateways import start_gateways
from infra.dev.postgres import start_postgres
from infra.dev.processes import Processes
from infra.dev.s3 import BUCKET, start_s3
from infra.dev.valkey import start_valkey

Progress = Callable[[str], AbstractContextManager[None]]


def silent(_step: str) -> AbstractContextManager[None]:
    return nullcontext()


@contextmanager
def backing_services(
    data_dir: Path, *, fsync: bool = True, webhook_url: str | None = None, progress: Progress = silent
) -> Iterator[dict[str, str]]:
    """Servers in this folder for as long as the block lasts; yields the environment that leads Django to them."""
    data_dir = Path(data_dir).resolve()
    with locked(data_dir) as lock, Processes(data_dir / "logs", lock) as processes:
        yield start_backing(processes, data_dir, fsync=fsync, webhook_url=webhook_url, progress=progress)


@contextmanager
def throwaway_services() -> Iterator[dict[str, str]]:
    """The same in a temporary folder, not caring whether data would survive a power cut."""
    with TemporaryDirectory(prefix="kairan-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as somebody else, who has to get in
        with backing_services(Path(folder), fsync=False) as env:
            yield env


def start_backing(
    processes: Processes,
    folder: Path,
    *,
    fsync: bool = True,
    webhook_url: str | None = None,
    progress: Progress = silent,
    given: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    secret = keys(folder)
    env = _common(folder, secret, given)
    if not given.get("REDIS_URL"):
        with progress("Valkey"):
            env["REDIS_URL"] = start_valkey(processes, folder)
    if not given.get("S3_ENDPOINT_URL"):
        with progress("S3 (rclone)"):
            env |= _s3(start_s3(processes, folder, secret), secret)
    if not given.get("OUTBOX_URL"):
        with progress("Mail, SMS and Stripe stand-ins"):
            env |= start_gateways(processes, folder, secret, webhook_url, env["APEX_HOST"], given)
    if not given.get("DATABASE_URL"):
        with progress("PostgreSQL"):
            env["DATABASE_URL"] = start_postgres(processes, folder, secret, fsync=fsync)
    return env


def _common(folder: Path, secret: dict[str, str], given: Mapping[str, str]) -> dict[str, str]:
    defaults = {
        "APEX_HOST": "kairan.localhost",
        "DEVELOPMENT": "1",
        "DJANGO_SETTINGS_MODULE": "controlplane.settings",
        "PORT": "8000",
        "SECRET_KEY": secret["secret_key"],
    }
    passed = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_BUCKET")
    mine = {name: given.get(name) or value for name, value in defaults.items()}
    return {
        **{name: given[name] for name in passed if given.get(name)},
        **mine,
        "STATIC_ROOT": given.get("STATIC_ROOT") or str(folder / "static"),
    }


def _s3(endpoint: str, secret: dict[str, str]) -> dict[str, str]:
    return {
        "S3_ENDPOINT_URL": endpoint,
        "S3_ACCESS_KEY": secret["s3_access"],
        "S3_SECRET_KEY": secret["s3_secret"],
        "S3_BUCKET": BUCKET,
    }
