"""What opening one file may cost, set by the process on itself."""

import resource
import signal

MEBIBYTE = 1024 * 1024
MAX_MEMORY = 512 * MEBIBYTE  # of address space, so never more than that resident; 40 Mpx take up to 400
MAX_OUTPUT = 64 * MEBIBYTE
MAX_CPU_SECONDS = 5
MAX_SECONDS = 8


class Refused(Exception):
    """The file is not taken; the message is one of the reasons `uploads` knows."""


def limit() -> None:
    """Bound what opening this file may cost, whoever started us and even when they are gone."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT + MEBIBYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(MAX_SECONDS)
