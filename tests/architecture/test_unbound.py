"""P3: wherever nothing is bound, no model reaches a table. New models are covered by themselves."""

import threading
from collections.abc import Callable
from functools import partial
from io import StringIO

import pytest
from celery import shared_task
from django.apps import apps
from django.core.management import BaseCommand, call_command
from django.db import ProgrammingError, connection, transaction

from controlplane.tenancy import bound, current_or_none
from controlplane.tenancy.tasks import SteppingTask

MODELS = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
answered: list[str] = []


@pytest.fixture(autouse=True)
def forget() -> None:
    answered.clear()


def ask() -> None:
    """Ask every model for a row, and for a write; note those that answered."""
    assert current_or_none() is None
    for model in MODELS:
        rows = model._base_manager.all()
        for question in (rows.exists, partial(rows._raw_delete, "default")):
            try:
                with transaction.atomic():
                    question()
            except ProgrammingError:
                continue
            answered.append(model._meta.label)


def in_a_new_thread() -> None:
    def go() -> None:
        try:
            ask()
        finally:
            connection.close()

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()


@shared_task(base=SteppingTask)
def ask_in_a_task() -> None:
    ask()


class Command(BaseCommand):
    def handle(self, *args: object, **options: object) -> None:
        ask()


CONTEXTS: dict[str, Callable[[], object]] = {
    "plain": ask,
    "thread": in_a_new_thread,
    "task": lambda: ask_in_a_task.apply(throw=True),
    "command": lambda: call_command(Command()),
    "shell": lambda: call_command("shell", "-c", "ask()", stdout=StringIO()),
}


@pytest.mark.parametrize("context", CONTEXTS)
def test_no_model_reaches_a_table_where_nothing_is_bound(db, context, monkeypatch):
    monkeypatch.setattr("builtins.ask", ask, raising=False)  # so that the shell finds it
    CONTEXTS[context]()
    assert answered == []


def test_a_thread_and_a_task_do_not_inherit_the_caller_s_binding(tonan):
    with bound(tonan):
        in_a_new_thread()
    assert answered == []


def test_the_question_is_answered_where_something_is_bound(tonan, monkeypatch):
    """The measure itself can fail."""
    monkeypatch.setattr(f"{__name__}.current_or_none", lambda: None)
    with bound(tonan):
        ask()
    assert "members.Member" in answered
