"""Handing tasks to the broker, off the requests and transactions that ask for them: one thread in each process.

A broker that is away or hangs keeps nobody waiting. What is not handed over is found by a beat, since rows stay.
"""

import atexit
import os
from collections.abc import Callable
from queue import Full, Queue
from threading import Lock, Thread
from time import monotonic

import structlog
from django.conf import settings

MOST = 1000  # tasks that wait in a process; more than that are left to the beats
log = structlog.get_logger()
Handing = Callable[[], None]


class Sender:
    def __init__(self, most: int = MOST) -> None:
        self._waiting: Queue[Handing] = Queue(most)
        self._lock = Lock()
        self._thread: Thread | None = None

    def put(self, handing: Handing, *, name: str) -> None:
        """Have this done soon, in order; `name` is the task's, for the log."""
        try:
            self._waiting.put_nowait(handing)
        except Full:
            log.warning("broker_queue_full", task=name)
            return
        self._start()

    def flush(self, within: float) -> bool:
        """Wait until all has been tried, so many seconds at most. Says whether it has."""
        until = monotonic() + within
        with self._waiting.all_tasks_done:
            while self._waiting.unfinished_tasks:
                left = until - monotonic()
                if left <= 0 or not self._waiting.all_tasks_done.wait(left):
                    return False
        return True

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="sender", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            handing = self._waiting.get()
            try:
                handing()
            except Exception:  # the next ones have a chance of their own
                log.exception("task_not_handed_over")
            finally:
                self._waiting.task_done()


_sender = Sender()


def put(handing: Handing, *, name: str) -> None:
    _sender.put(handing, name=name)


def flush(within: float | None = None) -> bool:
    """What a process does before it ends, for as long as one attempt takes."""
    return _sender.flush(settings.WAIT_BROKER + 1 if within is None else within)


def _begin_anew() -> None:
    """A forked process has neither our thread nor its work, which the parent does."""
    global _sender
    _sender = Sender()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(flush)
