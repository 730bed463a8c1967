"""Whatever the documents allow, and a good deal they do not, never ends in a 5xx or an answer they do not name."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.cache import caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Api
from tests.undone import undone

pytestmark = pytest.mark.slow
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = 5


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """As Django's own test client does: the test's transaction outlives a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_site_s_document(api, officer):
    program = api(officer)
    fuzz(lambda path: program)


def test_the_apex_host_s_document(apex_api, operator, city_official):
    operations, city = apex_api(operator), apex_api(city_official)
    fuzz(lambda path: city if "/cities/" in path else operations)


def fuzz(program_for: Callable[[str], Api]) -> None:
    document = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", served(program_for))
    for found in document.get_all_operations():
        caches["default"].clear()  # the limits are another test's
        examine(found.ok(), schemathesis.GenerationMode.POSITIVE)
        with suppress(Unsatisfiable):  # nothing to get wrong: no parameter, no body
            examine(found.ok(), schemathesis.GenerationMode.NEGATIVE)


def examine(operation: Any, mode: Any) -> None:
    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        with undone():
            answer = case.call()
        case.validate_response(answer, checks=CHECKS)

    check()


def served(program_for: Callable[[str], Api]) -> Callable[..., Iterator[bytes]]:
    """The application as these programs reach it: their host, their tokens, and our thread, so our transaction."""
    application = get_wsgi_application()

    def serve(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        program = program_for(environ["PATH_INFO"])
        host = program.client.defaults["HTTP_HOST"]
        identity = {"HTTP_HOST": host, "HTTP_AUTHORIZATION": program.headers["Authorization"]}
        return application(environ | identity | {"HTTP_ACCEPT_ENCODING": "identity"}, start)

    return serve
