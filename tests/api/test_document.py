"""The OpenAPI document of each host, the page to browse it, and that both fit our content security policy."""

import re

import pytest
import yaml
from django.core.management import call_command

SITE = {
    "/members/": "get post", "/members/{id}/": "get", "/members/{id}/admission/": "post", "/households/": "get post",
    "/groups/": "get post", "/seats/": "get post", "/seats/{id}/terms/": "get post", "/invitations/": "get post",
    "/posts/": "get post", "/posts/{id}/": "get patch delete", "/posts/{id}/comments/": "get post",
    "/posts/{id}/reaction/": "put delete", "/posts/{id}/read/": "put", "/posts/{id}/delivery/": "get",
    "/attachments/": "post", "/communities/": "get post", "/communities/{id}/": "get",
    "/communities/{id}/membership/": "put delete", "/events/": "get post", "/events/{id}/": "get patch",
    "/events/{id}/rsvp/": "put", "/events/{id}/cancellation/": "post", "/subscription/": "get",
    "/subscription/checkout/": "post", "/subscription/portal/": "post",
}  # fmt: skip
APEX = {
    "/applications/": "get post", "/applications/{id}/": "get", "/applications/{id}/approval/": "post",
    "/applications/{id}/rejection/": "post", "/applications/{id}/question/": "post", "/runs/{id}/": "get",
    "/associations/": "get", "/associations/{id}/": "get", "/associations/{id}/suspension/": "post delete",
    "/plans/": "get", "/cities/{slug}/adoption/": "get", "/cities/{slug}/adoption.csv": "get",
    "/webhooks/stripe/": "post",
}  # fmt: skip
BOTH = {"/auth/code/": "post", "/auth/token/": "post delete", "/me/": "get patch"}


@pytest.fixture(params=["site", "apex"])
def host(request, api, apex_api):
    return {"site": (api(), SITE | BOTH), "apex": (apex_api(), APEX | BOTH)}[request.param]


def test_the_contract_is_in_the_document(host):
    program, contract = host
    paths = yaml.safe_load(program.get("schema/").content)["paths"]
    for path, methods in contract.items():
        assert set(methods.split()) <= set(paths[f"/api/v1{path}"]), path


def test_every_operation_says_what_it_does_and_what_may_go_wrong(host):
    program, _contract = host
    for path, operations in yaml.safe_load(program.get("schema/").content)["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (path, method)
            assert "429" in operation["responses"], (path, method)


@pytest.mark.parametrize("urlconf", ["controlplane.urls.public", "controlplane.urls.tenant"])
def test_it_is_made_without_a_warning(urlconf, tmp_path):
    call_command("spectacular", "--urlconf", urlconf, "--validate", "--fail-on-warn", "--file", str(tmp_path / "x"))


def test_the_browsable_page_loads_nothing_inline(host):
    program, _contract = host
    page = program.get("docs/")
    assert page.status_code == 200
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    html = page.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    script = program.get("docs/", script="")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()
    assert script["Cross-Origin-Resource-Policy"] == "same-origin"
