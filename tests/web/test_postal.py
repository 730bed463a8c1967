"""From a postal code to an address, without asking anybody."""

import pytest

from web.postal import find_address


@pytest.mark.parametrize("typed", ["612-8121", "６１２−８１２１", "〒6128121", " 612 8121 "])
def test_any_way_of_writing_a_code(typed):
    found = find_address(typed)
    assert (found.prefecture, found.city, found.ward, found.town) == ("京都府", "京都市", "伏見区", "向島善阿弥町")
    assert found.line == "京都市伏見区向島善阿弥町"


@pytest.mark.parametrize("typed", ["", "612", "000-0000", "61281212", "あいう", None])
def test_no_such_code(typed):
    assert find_address(typed) is None


@pytest.mark.parametrize(
    ("typed", "city", "ward", "town"),
    [
        ("100-0001", "千代田区", "", "千代田"),  # a ward of Tokyo is a city of its own
        ("921-8501", "野々市市", "", "扇が丘"),  # an office's own code; 市 twice
        ("604-0000", "京都市", "中京区", ""),  # a whole ward
        ("498-0000", "弥富市", "", ""),  # several towns share the code: the person writes it
    ],
)
def test_cities_wards_and_shared_codes(typed, city, ward, town):
    found = find_address(typed)
    assert (found.city, found.ward, found.town) == (city, ward, town)
