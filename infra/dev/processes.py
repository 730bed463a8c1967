"""The stack's child processes: started in order, watched, stopped in reverse order; none outlives this one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, Any, Self

from infra.dev.folder import ROOT, StackError

GRACE = 15.0


class Interrupted(Exception):
    """Ctrl-C or SIGTERM: the wish to stop, not a fault."""


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals
    start_again: "Callable[[], Child]"

    def tail(self, lines: int = 25) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Processes:
    def __init__(self, logs: Path, lock: IO[str]) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.children: list[Child] = []
        self.interrupted = False
        self._parent = os.getppid()
        self._warden = _start_warden(lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop_on_signals(self) -> None:
        """Signals only raise a flag that every wait looks at, so that none strikes between a start and its record."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupted = True

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        show: bool = False,
        **options: Any,
    ) -> Child:
        """Start a child in a session of its own: Ctrl-C in the terminal reaches us alone, and we stop all in order."""
        log = self.logs / f"{name}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                list(map(str, argv)),
                env={**os.environ, **(env or {})},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=None if show else output,
                stderr=None if show else subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
        self._tell_warden(f"+{process.pid} {int(stop_signal)}")
        again = partial(self.start, name, argv, env, stop_signal=stop_signal, show=show, **options)
        child = Child(name, process, log, stop_signal, again)
        self.children.append(child)
        return child

    def run(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str] | None = None, **options: Any) -> None:
        """Run a command to its end, watching the others meanwhile; `show=True` lets it speak in the terminal."""
        child = self.start(name, argv, env, **options)
        self.wait_until(lambda: child.process.poll() is not None, f"{name} to finish", timeout=1800, ending=child)
        self._stop([child])
        if child.process.returncode:
            raise StackError(_obituary(child))

    def wait_until(
        self, ready: Callable[[], bool], what: str, *, timeout: float = 120, ending: Child | None = None
    ) -> None:
        deadline = time.monotonic() + timeout
        while not ready():
            self.check(ending)
            if time.monotonic() > deadline:
                raise StackError(f"Waited {timeout:.0f} s for {what} in vain; see {self.logs}")
            time.sleep(0.05)

    def watch(self) -> None:
        while True:
            self.check()
            time.sleep(0.2)

    def check(self, ending: Child | None = None) -> None:
        """Raise when it is time to stop: a signal came, a child died, or the `make` that started us is gone."""
        if self.interrupted or ("MAKELEVEL" in os.environ and os.getppid() != self._parent):
            raise Interrupted
        for child in self.children:
            if child is not ending and child.process.poll() is not None:
                raise StackError(_obituary(child))

    def stop(self, child: Child) -> None:
        """Stop one of them; `child.start_again()` brings it back as it was."""
        self._stop([child])

    def close(self) -> None:
        self._stop(self.children)
        self._tell_warden("bye")
        self._warden.communicate()

    def _stop(self, children: list[Child]) -> None:
        for child in reversed(list(children)):
            if child.process.poll() is None:
                child.process.send_signal(child.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(GRACE)
            _kill_group(child.process.pid)
            child.process.wait()
            self._tell_warden(f"-{child.process.pid}")
            self.children.remove(child)

    def _tell_warden(self, line: str) -> None:
        with suppress(BrokenPipeError):  # somebody killed the warden; stopping in order does not need it
            print(line, file=self._warden.stdin, flush=True)


def _start_warden(lock: IO[str]) -> subprocess.Popen[str]:
    script = Path(__file__).with_name("warden.py")
    return subprocess.Popen(
        [sys.executable, "-S", str(script)],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
        pass_fds=[lock.fileno()],
    )


def _kill_group(pid: int) -> None:
    """What a stopped child left behind in its session (pool workers of a worker that died)."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _obituary(child: Child) -> str:
    fate = f"{child.name} stopped by itself (exit {child.process.returncode})."
    return f"{fate} The end of {child.log}:\n{child.tail()}" if child.log.stat().st_size else fate
