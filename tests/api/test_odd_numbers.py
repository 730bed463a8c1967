"""A number that is none, or that no row can have, is refused in words: in every path, query and body there is.

What is asked comes from the documents and the maps of URLs themselves; a new endpoint or field needs no line here.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches

from tests.architecture.test_crawl import APEX_URLS, SITE_URLS
from tests.conftest import browser_at
from tests.undone import undone

# As they stand in a body: JSON, or what some programs take for it.
WRITTEN = ("1e999999", "-Infinity", "9" * 5000, str(2**63))
ODD = ("1e300", str(2**63 - 1), str(-(2**31)), '"1e999999"', f'"{"9" * 400}"', '"\\u0000"')
TYPED = ("9e999", str(2**63), "9" * 5000, "1\0", "١")
PARAMETERS = {"page", "month", "year", "group", "after", "cursor", "on", "from", "since", "until", "sort", "community"}
PARAMETERS |= {"event", "seat", "household", "version", "member", "companions", "days", "q", "of", "storage", "silent"}


@pytest.fixture
def programs(api, apex_api, officer, operator, city_official):
    """(program, its document) of the site, of operations and of the city."""
    callers = api(officer), apex_api(operator), apex_api(city_official)
    return [(caller, caller.get("schema/?format=json").json()) for caller in callers]


def operations(document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield method, path, told


def body_names(document, told) -> list[str]:
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "")
    return sorted(document["components"]["schemas"][reference.rsplit("/", 1)[-1]]["properties"]) if reference else []


def filled(path: str, value: str = "1") -> str:
    return re.sub(r"\{[^}]*\}", value, path)


def status(program, method: str, path: str, **options: Any) -> int:
    caches["routing"].clear()  # the limits are another test's
    program.client.raise_request_exception = False
    with undone():
        answer = getattr(program.client, method)(path, headers=program.headers, **options)
    return answer.status_code


def test_no_field_of_any_body_takes_what_is_no_number(programs):
    """All fields of a body at once: each is looked at, and one that falls over is an error of ours."""
    wrong, asked = [], 0
    for program, document in programs:
        for method, path, told in operations(document):
            names = body_names(document, told)
            for value in (*WRITTEN, *ODD) if names else ():
                body = "{" + ", ".join(f'"{name}": {value}' for name in names) + "}"
                code = status(program, method, filled(path), data=body, content_type="application/json")
                asked += 1
                # Who may not do this at all is told so before the body is read.
                if code >= 500 or (value in WRITTEN and code not in {400, 401, 404, 405}):
                    wrong.append(f"{method} {path} {value[:20]}: {code}")
    assert wrong == []
    assert asked > 200


def test_no_query_takes_what_is_no_number(programs):
    wrong = []
    for program, document in programs:
        for method, path, told in operations(document):
            names = [each["name"] for each in told.get("parameters", []) if each["in"] == "query"]
            for value in TYPED if names else ():
                code = status(program, method, filled(path), query_params=dict.fromkeys(names, value))
                if code >= 500:
                    wrong.append(f"{method} {path} {names} {value[:20]}: {code}")
    assert wrong == []


@pytest.mark.parametrize("number", [str(2**63), "9" * 5000])
def test_a_number_in_a_path_that_no_row_has_is_a_missing_page(
    client_for, officer, apex, operator, city_official, number
):
    """Of pages and API."""
    wrong = []
    for client, urls in (
        (client_for(officer), SITE_URLS),
        (apex(operator), APEX_URLS),
        (apex(city_official), APEX_URLS),
    ):
        client.raise_request_exception = False
        for url in urls:
            if "/1/" in url:
                for answer in (client.get(odd := url.replace("/1/", f"/{number}/")), client.post(odd)):
                    if answer.status_code not in {302, 404, 405}:
                        wrong.append(f"{url}: {answer.status_code}")
    assert wrong == []


def test_nothing_is_number_nought(client_for, officer, apex, operator):
    """Not even inside what is there: nought counts for false, and is easily taken for no number at all."""
    wrong = []
    for client, urls in ((client_for(officer), SITE_URLS), (apex(operator), APEX_URLS)):
        client.raise_request_exception = False
        for url in (url for url in urls if "/1/" in url):
            before, _one, after = url.rpartition("/1/")
            for method in ("get", "post", "put", "patch", "delete"):
                with undone():
                    asked = {"data": {"reason": "x"}, "content_type": "application/json"} if method != "get" else {}
                    answer = getattr(client, method)(f"{before}/0/{after}", **asked)
                if answer.status_code < 300 or answer.status_code >= 500:
                    wrong.append(f"{method} {url}: {answer.status_code}")
    assert wrong == []


def test_no_page_falls_over_an_odd_number_asked_for(client_for, officer, apex, operator, city_official):
    wrong = []
    for client, urls in (
        (client_for(officer), [url for url in SITE_URLS if not url.startswith("/api/")]),
        (apex(operator), [url for url in APEX_URLS if url.startswith("/operations/")]),
        (apex(city_official), [url for url in APEX_URLS if url.startswith("/city/")]),
    ):
        client.raise_request_exception = False
        for url in urls:
            for value in TYPED:
                with undone():
                    answer = client.get(url, dict.fromkeys(PARAMETERS, value))
                if answer.status_code >= 500:
                    wrong.append(f"{url} {value[:20]}: {answer.status_code}")
    assert wrong == []


def test_no_form_falls_over_an_odd_number(client_for, officer):
    """All fields of any form at once, as somebody sends them who has no form before them."""
    names = form_fields()
    assert len(names) > 60
    client, wrong = client_for(officer), []
    client.raise_request_exception = False
    for url in SITE_URLS:
        if url.startswith("/api/"):
            continue
        for value in ("9e999", str(2**63), "1\0"):
            with undone():
                answer = client.post(url, dict.fromkeys(names, value))
            if answer.status_code >= 500:
                wrong.append(f"{url} {value[:20]}: {answer.status_code}")
    assert wrong == []


def form_fields() -> set[str]:
    """Of every form that is loaded once the pages are, and what views read beside them."""
    from django.forms.forms import BaseForm

    def below(kind: type) -> Iterator[type]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    fields = {name for form in below(BaseForm) for name in getattr(form, "base_fields", {})}
    return fields | PARAMETERS | {"act", "answer", "kept", "drop", "kind", "layer", "uid", "opened"}


def test_a_number_of_the_shop_is_still_taken(api, officer, tonan):
    program = api(officer)
    answer = program.post("groups/", name="9組", position=2)
    assert answer.status_code in {200, 201}
    assert browser_at(tonan).get("/sign-in/").status_code == 200
