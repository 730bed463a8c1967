"""A slug is plain, or it is refused: property-tested."""

import re
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from controlplane.associations.slugs import RESERVED, validate_slug


def accepted(slug: str) -> bool:
    try:
        validate_slug(slug)
    except ValidationError:
        return False
    return True


@given(st.text(max_size=60))
def test_whatever_is_accepted_is_a_plain_dns_label(slug):
    if accepted(slug):
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,38}[a-z0-9]", slug)
        assert "--" not in slug
        assert slug not in RESERVED
        assert slug == unicodedata.normalize("NFKC", slug) == slug.encode("idna").decode()


@given(st.from_regex(r"[a-z][a-z0-9]{2,30}", fullmatch=True))
def test_plain_words_are_accepted_unless_reserved(slug):
    assert accepted(slug) == (slug not in RESERVED)


@pytest.mark.parametrize(
    "slug", ["tonan\n", "tónan", "ｔｏｎａｎ", "xn--abc", "to_nan", "to.nan", "аdmin", *sorted(RESERVED)[:20]]
)
def test_lookalikes_and_reserved_words_are_refused(slug):
    assert not accepted(slug)
