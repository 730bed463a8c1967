"""The development stack comes up with what Kairan needs of it, and goes down without a trace, however it ends."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
import requests
from botocore.config import Config

ROOT = Path(__file__).parents[2]
GIVEN = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "STRIPE_API_BASE", "OUTBOX_URL")
Stack = tuple["subprocess.Popen[str]", dict[str, str]]


def environment(folder: Path) -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if k not in GIVEN}, "KAIRAN_DATA": str(folder)}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "infra.dev", *words]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack") / "data"


def start(folder: Path) -> Stack:
    """`python -m infra.dev services`, and the environment it prints."""
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command("services", "--no-fsync"), cwd=ROOT, env=environment(folder), **pipes)
    assert process.stdout
    exports = {}
    for line in process.stdout:
        if line.startswith("#"):
            return process, exports
        name, value = shlex.split(line)[1].split("=", 1)
        exports[name] = value
    raise AssertionError("the stack did not come up")


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    running = start(folder)
    yield running
    running[0].terminate()
    running[0].wait(30)


def processes_naming(folder: Path) -> list[int]:
    """Every live process whose command line or working folder is in the data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace") if entry.name.isdigit() else ""
            if words and str(folder) in words + str((entry / "cwd").resolve()):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def gone(folder: Path) -> bool:
    deadline = time.monotonic() + 20
    while processes_naming(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_naming(folder)


def test_kairans_role_makes_roles_and_databases_but_is_no_superuser(stack: Stack) -> None:
    with psycopg.connect(stack[1]["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, True, True, False)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_a_new_database_has_the_extensions_and_a_closed_public_schema(stack: Stack) -> None:
    url = stack[1]["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS fresh")
        connection.execute("CREATE DATABASE fresh")
    with psycopg.connect(f"{url.rpartition('/')[0]}/fresh", autocommit=True) as connection:
        connection.execute("CREATE SCHEMA a_1")
        connection.execute("CREATE ROLE r_1 NOLOGIN")
        connection.execute("GRANT USAGE ON SCHEMA a_1 TO r_1")
        connection.execute("CREATE TABLE public.secrets (id int)")
        connection.execute("CREATE TABLE a_1.booking (hall int, during int4range)")
        connection.execute("SET search_path = a_1, extensions")
        connection.execute("ALTER TABLE a_1.booking ADD EXCLUDE USING gist (hall WITH =, during WITH &&)")
        connection.execute("SET ROLE r_1")
        row = connection.execute("SELECT similarity('回覧板', '回覧') > 0.3").fetchone()
        assert row == (True,)
        for forbidden in ("SELECT * FROM public.secrets", "CREATE SCHEMA b", "CREATE TABLE public.t (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)
        connection.execute("RESET ROLE")
        connection.execute("REVOKE ALL ON SCHEMA a_1 FROM r_1")
        connection.execute("DROP ROLE r_1")


def test_the_bucket_is_there_and_only_signed_links_open_it(stack: Stack) -> None:
    env = stack[1]
    s3: Any = boto3.client(
        "s3",
        endpoint_url=env["S3_ENDPOINT_URL"],
        aws_access_key_id=env["S3_ACCESS_KEY"],
        aws_secret_access_key=env["S3_SECRET_KEY"],
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    place = {"Bucket": env["S3_BUCKET"], "Key": "a1/写真.webp"}
    s3.put_object(**place, Body=b"photo", ContentType="image/webp")
    link = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=60)
    assert requests.get(link).content == b"photo"
    assert requests.get(link.partition("?")[0]).status_code in (400, 403)
    assert requests.get(link.replace("a1/", "b2/")).status_code == 403


def test_a_second_stack_in_the_same_folder_says_so(stack: Stack, folder: Path) -> None:
    second = subprocess.run(command("services"), cwd=ROOT, env=environment(folder), capture_output=True, text=True)
    assert second.returncode == 1
    assert "already running" in second.stderr
    refusal = subprocess.run(command("reset", "--yes"), cwd=ROOT, env=environment(folder), capture_output=True)
    assert (refusal.returncode, folder.exists()) == (1, True)


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        env = {**environment(tmp_path / "data"), "PORT": port}
        refusal = subprocess.run(command("run"), cwd=ROOT, env=env, capture_output=True, text=True)
    assert refusal.returncode == 1
    assert f"Port {port} is in use" in refusal.stderr


def test_a_service_that_is_given_is_not_started(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://there/kairan", "REDIS_URL": "redis://there", "OUTBOX_URL": "http://there"}
    env = {**environment(tmp_path / "data"), **given}
    show = "import os; print(os.environ['DATABASE_URL'], os.environ['S3_BUCKET'])"
    told = subprocess.run(
        command("exec", sys.executable, "-c", show), cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert told.stdout.split() == ["postgresql://there/kairan", "kairan"]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running(tmp_path: Path, ending: signal.Signals) -> None:
    folder = tmp_path / "data"
    process, _env = start(folder)
    assert len(processes_naming(folder)) > 5
    process.send_signal(ending)
    process.wait(30)
    assert gone(folder)


def test_when_a_server_dies_the_rest_goes_down_with_it_and_says_which(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    process, _env = start(folder)
    (server,) = (pid for pid in processes_naming(folder) if b"rclone" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(server, signal.SIGKILL)
    assert process.stderr
    assert "s3 stopped by itself" in process.stderr.read()
    assert process.wait(30) == 1
    assert gone(folder)


def test_data_is_kept_from_one_start_to_the_next_until_reset(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    for number in range(2):
        process, env = start(folder)
        with psycopg.connect(env["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (number + 1,)
        process.terminate()
        process.wait(30)
    subprocess.run(command("reset", "--yes"), cwd=ROOT, env=environment(folder), check=True)
    assert not folder.exists()
