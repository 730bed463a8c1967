"""Kairan's settings with the next release's migrations."""

from controlplane.settings import *  # noqa: F403

MIGRATION_MODULES = {"feed": "tests.bench.release.feed"}
