"""`make check`: what can be said about the code without running its tests, one heading per check, all of them told."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.dev.backing import throwaway_services
from infra.dev.folder import ROOT, StackError

BIN = Path(sys.executable).parent
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "web" / "templates").rglob("*.html"))
STILL = {
    "Lint (ruff)": ["ruff", "check", "."],
    "Format (ruff)": ["ruff", "format", "--check", "."],
    "Templates (djade)": ["djade", "--check", "--target-version", "5.2", *TEMPLATES],
    "Imports point down (import-linter)": ["lint-imports"],
    "Every text in each language": ["python", "-m", "infra.dev.words", "--check"],
}
WITH_SERVERS = {
    "Types (mypy)": ["mypy"],
    "Models and migrations agree": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "Migrations are safe beside the last release": ["python", "-m", "infra.dev.lint_migrations"],
}


def main() -> int:
    failed = [name for name, command in STILL.items() if not passes(name, command, os.environ)]
    with throwaway_services() as servers:
        environment = {**os.environ, **servers, "LOG_LEVEL": "WARNING"}
        failed += [name for name, command in WITH_SERVERS.items() if not passes(name, command, environment)]
    print(f"\n{'Failed: ' + ', '.join(failed) if failed else 'All checks passed.'}")
    return len(failed)


def passes(name: str, command: list[str], environment: Mapping[str, str]) -> bool:
    print(f"\n== {name}", flush=True)
    return subprocess.call([BIN / command[0], *command[1:]], cwd=ROOT, env=environment) == 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StackError as error:
        sys.exit(str(error))
