"""The house's shape: top-level folders, Python's own `platform`, no drawers, no signals."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"platform", "tenants", "billing", "provisioning", "api", "web", "infra", "tests"}
PACKAGES = ("platform/controlplane", "tenants", "billing", "provisioning", "api", "web")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def test_top_level_folders_are_exactly_these():
    assert {path.split("/")[0] for path in tracked() if "/" in path and not path.startswith(".")} <= FOLDERS
    assert all((ROOT / folder).is_dir() for folder in FOLDERS)


def test_platform_is_the_standard_library_s():
    assert "controlplane" not in (platform.__file__ or "")
    assert platform.python_implementation()
    assert not list((ROOT / "platform").glob("*.py"))


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "manage.py", "shell", "-c", "import platform; print(platform.__file__)"],
        [sys.executable, "-c", "import controlplane.wsgi, platform; print(platform.__file__)"],
        [sys.executable, "-c", "import controlplane.celery, platform; print(platform.__file__)"],
    ],
    ids=["manage", "web", "worker"],
)
def test_every_door_sees_the_standard_library_s_platform(command):
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = Path(answer.stdout.strip().splitlines()[-1])
    assert found.name == "platform.py"
    assert ROOT not in found.parents


@pytest.mark.parametrize("drawer", ["services.py", "utils.py", "helpers.py", "managers.py", "signals.py"])
def test_there_are_no_drawers(drawer):
    assert [path for path in SOURCES if path.name == drawer] == []


def test_nothing_listens_to_signals():
    listening = re.compile(r"@receiver\(|django\.dispatch|models\.signals")
    assert [path for path in SOURCES if listening.search(path.read_text())] == []
