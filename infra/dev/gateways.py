"""Starts the process that stands in for what is outside Kairan: mail, SMS, Stripe, a virus scanner (doubles/)."""

import sys
from collections.abc import Mapping
from pathlib import Path

from infra.dev.ports import free_port, listening
from infra.dev.processes import Processes


def start_gateways(
    processes: Processes,
    folder: Path,
    secret: dict[str, str],
    webhook_url: str | None,
    webhook_host: str,
    given: Mapping[str, str],
) -> dict[str, str]:
    home, port, smtp_port, clamd_port = folder / "doubles", free_port(), free_port(), free_port()
    home.mkdir(exist_ok=True)
    base = f"http://127.0.0.1:{port}"
    env = {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(smtp_port),
        "SMS_API_URL": f"{base}/sms/messages",
        "SMS_API_KEY": secret["sms"],
        "OUTBOX_URL": f"{base}/outbox.json",
        "CLAMD_URL": given.get("CLAMD_URL") or f"tcp://127.0.0.1:{clamd_port}",
        **_stripe(base, secret, given),
    }
    argv = [sys.executable, "-m", "infra.dev.doubles", "--port", port, "--data", home]
    argv += ["--smtp-port", smtp_port, "--clamd-port", clamd_port]
    webhook = ["--webhook-url", webhook_url, "--webhook-host", webhook_host] if webhook_url else []
    processes.start("doubles", list(map(str, [*argv, *webhook])), env)
    ports = (port, smtp_port, clamd_port)
    processes.wait_until(lambda: all(map(listening, ports)), "the stand-ins for the gateways")
    return env


def _stripe(base: str, secret: dict[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """A Stripe account of one's own (its test mode) takes the place of the double."""
    if given.get("STRIPE_API_BASE"):
        return {name: given.get(name, "") for name in ("STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")}
    return {"STRIPE_API_BASE": base, "STRIPE_SECRET_KEY": secret["stripe"], "STRIPE_WEBHOOK_SECRET": secret["webhook"]}
