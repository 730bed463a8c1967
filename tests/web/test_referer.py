"""The page one came from is a header like any other: it may hold anything, and leads nowhere else."""

import pytest
from django.conf import settings
from django.test import Client

from controlplane.sending import keys
from controlplane.tenancy import bound

ODD = ("http://[", "http://[::1", "//", "http://tonan.kairan.localhost:99999999/", "\x00", "http://a]b/")


@pytest.mark.parametrize("referer", ODD)
@pytest.mark.parametrize("path", ["/posts/new/", "/menu/text/", "/language/", "/sign-in/"])
@pytest.mark.parametrize("checked", [True, False])
def test_one_that_nobody_can_read_is_none(tonan, path, referer, checked):
    with bound(tonan):
        fields = {"form_key": f"{keys.of_page(None)}-1", "language": "en", "text": "large", "contact": "x"}
    stranger = Client(HTTP_HOST=f"tonan.{settings.APEX_HOST}", enforce_csrf_checks=checked)
    assert stranger.post(path, fields, headers={"Referer": referer}).status_code < 500


def test_a_path_that_looks_like_a_host_stays_here(tonan):
    with bound(tonan):
        fields = {"form_key": f"{keys.of_page(None)}-1", "body": "あした"}
    stranger = Client(HTTP_HOST=f"tonan.{settings.APEX_HOST}")
    referer = f"http://tonan.{settings.APEX_HOST}//elsewhere.example/"
    answer = stranger.post("/posts/new/", fields, headers={"Referer": referer})
    assert "next=//" not in answer["Location"]
