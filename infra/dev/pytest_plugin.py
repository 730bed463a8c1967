"""`-p infra.dev.pytest_plugin`: backing servers for a test run, up before pytest-django reads the settings, gone after.

A service whose URL is already in the environment is used as it is. With `--numprocesses` each worker has its own.
"""

import os
import secrets
from contextlib import ExitStack

import pytest

from infra.dev.backing import throwaway_services
from infra.dev.folder import StackError

NOBODY_S = secrets.token_urlsafe(50)  # for a process that signs nothing: it lists tests, or its workers run them


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    options = early_config.known_args_namespace
    if options.help or options.version or options.collectonly:
        os.environ.setdefault("SECRET_KEY", NOBODY_S)
        return
    if getattr(options, "numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["PYTEST_PLUGINS"] = __name__  # each worker starts servers of its own, by this very plugin
        os.environ.setdefault("SECRET_KEY", NOBODY_S)
        return
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    try:
        os.environ.update(stack.enter_context(throwaway_services()))
    except StackError as error:
        raise pytest.UsageError(str(error)) from error
