"""The short form: with Valkey frozen all is answered and nothing lost. `python -m tests.outages` is the long one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "OUTBOX_URL", "STRIPE_API_BASE", "CLAMD_URL")


@pytest.mark.slow
def test_with_broker_and_cache_frozen_everything_is_answered_and_nothing_lost():
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    environment["PYTHONPATH"] = f"{ROOT}:{ROOT / 'platform'}"
    command = [sys.executable, "-m", "tests.outages", "--part", "valkey", "--way", "hung"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    print(answer.stdout)  # the seconds are for whoever reads; none is asserted
    assert answer.returncode == 0, answer.stdout + answer.stderr[-2000:]
    row = next(line for line in answer.stdout.splitlines() if line.startswith("valkey hung"))
    assert row.endswith("nothing")
    assert re.findall(r"\d\.\d\d (\d{3}|---)", row) == ["200", "200", "201", "201", "202", "202", "201", "204", "200"]
