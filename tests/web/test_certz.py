"""/certz: what a TLS proxy asks before it gets a certificate for a host."""

import pytest
from django.test import Client


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("kairan.localhost", 200),
        ("tonan.kairan.localhost", 200),
        ("TONAN.kairan.localhost.", 200),
        ("nobody.kairan.localhost", 404),
        ("evil.example", 404),
        ("", 404),
        ("[::1]", 404),
        ("tonan.kairan.localhost/../", 404),
    ],
)
def test_certificates_are_for_hosts_of_ours_alone(tonan, domain, code):
    answer = Client(HTTP_HOST="127.0.0.1:8000").get("/certz", {"domain": domain})
    assert answer.status_code == code
    assert answer.content == b""
