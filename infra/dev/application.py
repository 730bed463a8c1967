"""`run`: the whole of Kairan on this machine, from an empty folder to demonstration data, until it is told to stop."""

import http.client
import json
import os
import sys
from pathlib import Path

from infra.dev.backing import start_backing
from infra.dev.console import box, step
from infra.dev.folder import StackError, locked
from infra.dev.ports import taken
from infra.dev.processes import Interrupted, Processes

WEBHOOK = "/api/v1/webhooks/stripe/"
PYTHON = sys.executable
# Four threads work, some wait, twelve take in what is sent, the others tell whoever comes too many (web/arrival.py,
# tenancy/middleware/admission.py).
WEB = ["--workers", "2", "--blocking-threads", "32", "--blocking-threads-idle-timeout", "600", "--backpressure", "256"]


def run(folder: Path) -> None:
    port = int(os.environ.get("PORT") or 8000)
    with locked(folder, f", port {port}") as lock:
        if taken(port):
            raise StackError(f"Port {port} is in use. Stop what listens there, or choose another: PORT=8080 make run")
        with Processes(folder / "logs", lock) as processes:
            processes.stop_on_signals()
            try:
                bring_up(processes, folder, port)
                processes.watch()
            except Interrupted:
                print("\nStopping...", flush=True)
    print("Stopped; nothing is left running.", flush=True)


def bring_up(processes: Processes, folder: Path, port: int) -> dict[str, str]:
    """Start everything, demonstration data included; answers the environment that leads a process to it."""
    print(f"Kairan starts. Everything it writes is in {folder}\n", flush=True)
    webhook = f"http://127.0.0.1:{port}{WEBHOOK}"
    env = start_backing(processes, folder, webhook_url=webhook, progress=step)
    _prepare(processes, env)
    start_product(processes, folder, env, port)
    print("\nDemonstration data:", flush=True)
    processes.run("demo", [PYTHON, "manage.py", "demo"], env, show=True)
    _welcome(env, port)
    return env


def _prepare(processes: Processes, env: dict[str, str]) -> None:
    with step("Static files"):
        processes.run("collectstatic", [PYTHON, "manage.py", "collectstatic", "--noinput"], env)
    with step("Database migrations"):
        processes.run("migrate", [PYTHON, "manage.py", "migrate", "--noinput"], env)
        processes.run("fleet", [PYTHON, "manage.py", "fleet", "migrate"], env)


def start_product(processes: Processes, folder: Path, env: dict[str, str], port: int) -> None:
    celery = [PYTHON, "-m", "celery", "-A", "controlplane"]
    schedule = folder / "beat"
    schedule.mkdir(exist_ok=True)
    with step("Worker and scheduler"):
        pool = ["--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        processes.start("worker", [*celery, "worker", *pool, "--loglevel", "INFO"], env)
        processes.start("beat", [*celery, "beat", "--schedule", str(schedule / "schedule"), "--pidfile", ""], env)
    with step("Web server"):
        granian = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), *WEB]
        processes.start("web", [PYTHON, "-m", "granian", *granian, "controlplane.wsgi:application"], env)
        processes.wait_until(lambda: _get(port, env["APEX_HOST"], "/healthz")[0] == 200, "the web server")


def _get(port: int, host: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def _welcome(env: dict[str, str], port: int) -> None:
    apex = env["APEX_HOST"]
    box(
        [
            "回覧 (Kairan) is running",
            "",
            f"Start page      http://{apex}:{port}/",
            *[f"Association     http://{host}:{port}/" for host in _sites(port, apex)],
            f"Mail and SMS    http://{apex}:{port}/dev/outbox/   (sign-in codes arrive here)",
            "",
            "Sign in as      officer@tonan.example.jp on its site; all others: /dev/logins.json",
            "",
            "Stop: Ctrl-C      Start over: make reset",
        ]
    )


def _sites(port: int, apex: str) -> list[str]:
    """The demonstration associations, as the product itself tells them."""
    status, body = _get(port, apex, "/dev/logins.json")
    hosts = {str(login["host"]) for login in json.loads(body)} if status == 200 else set()
    return sorted(hosts - {apex}) or [f"<slug>.{apex}"]
