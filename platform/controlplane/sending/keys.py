"""The key that every form carries: which form it is, told apart from any other, and for which account it was made.

The account cannot be read from it; whoever signs in can be held against it. A key of one association is none elsewhere.
"""

import re

from django.utils.crypto import constant_time_compare, get_random_string

from controlplane.tenancy import Purpose, check_letters

NAME = "form_key"  # of the hidden field
_SHAPE = re.compile(r"([A-Za-z0-9]{16})([2-9A-Z]{8})-[0-9]{1,4}", re.ASCII)


def of_page(account: int | None) -> str:
    """The beginning of the keys of one page, made for this account; None: for nobody in particular."""
    page = get_random_string(16)
    return f"{page}{_letters(page, account)}"


def was_made_for(key: str, account: int | None) -> bool:
    found = _SHAPE.fullmatch(key)
    return found is not None and constant_time_compare(found[2], _letters(found[1], account))


def looks_right(key: str) -> bool:
    return _SHAPE.fullmatch(key) is not None


def _letters(page: str, account: int | None) -> str:
    return check_letters(Purpose.FORM, f"{page}:{account or ''}")
