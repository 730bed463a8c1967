"""The import contracts hold, and each can fail: a planted violation turns it red."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]

PLANTED = [
    ("platform/controlplane/_planted.py", "import tenants.members.models", "Imports point down"),
    ("billing/_planted.py", "import tenants.members.models", "Imports point down"),
    ("tenants/members/_planted.py", "import billing.plans", "Imports point down"),
    ("api/_planted.py", "import web.access", "Imports point down"),
    ("web/_planted.py", "import api.permissions", "Imports point down"),
    ("tenants/_planted.py", "import provisioning.models", "Imports point down"),
    ("tenants/members/_planted.py", "import tenants.communities.models", "Inside tenants"),
    ("tenants/feed/_planted.py", "import tenants.calendar.models", "Inside tenants"),
    ("tenants/feed/_planted.py", "import rest_framework", "REST framework only in the API"),
    ("web/_planted.py", "import rest_framework", "REST framework only in the API"),
    ("api/_planted.py", "import stripe", "Stripe only in billing.gateway"),
    ("tenants/feed/_planted.py", "import boto3", "Object storage and django-tenants only in the floor"),
    ("web/_planted.py", "import django_tenants.utils", "Object storage and django-tenants only in the floor"),
]


HTTP = {"django.http", "django.shortcuts"}
MAY_SPEAK_HTTP = ROOT / "platform/controlplane/tenancy/middleware"
BELOW = ("platform/controlplane", "tenants", "billing", "provisioning")


def imported(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_http_is_spoken_in_the_faces_only():
    """import-linter sees an external package as one; these two modules of Django's are told apart here."""
    below = [path for folder in BELOW for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in below if imported(path.read_text()) & HTTP and MAY_SPEAK_HTTP not in path.parents] == []
    assert imported("from django import http") & HTTP
    assert imported("from django.shortcuts import render") & HTTP


def lint() -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True)


def test_contracts_hold():
    answer = lint()
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(("path", "statement", "contract"), PLANTED, ids=[f"{p}: {s}" for p, s, _c in PLANTED])
def test_a_planted_violation_is_found(path, statement, contract):
    planted = ROOT / path
    planted.write_text(f"{statement}\n")
    try:
        answer = lint()
    finally:
        planted.unlink()
    assert answer.returncode != 0
    assert any(line.startswith(contract) and "BROKEN" in line for line in answer.stdout.splitlines()), answer.stdout
