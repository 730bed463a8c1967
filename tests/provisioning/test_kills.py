"""P7, in small: the kill harness with a few rounds. `python -m tests.kills --rounds 200` is the long one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "OUTBOX_URL", "STRIPE_API_BASE")


@pytest.mark.slow
def test_workers_database_and_broker_may_die_while_associations_are_made():
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    command = [sys.executable, "-m", "tests.kills", "--rounds", "8", "--patience", "120"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr[-2000:]
    report = json.loads(answer.stdout.splitlines()[-1])
    assert report["good"] == report["runs"] == 8
