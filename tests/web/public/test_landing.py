"""The first page of the apex host."""

from controlplane.cities.models import WardOffice
from controlplane.tenancy import public


def test_it_says_what_it_costs_from_the_price_list(apex):
    page = apex().get("/").content.decode()
    for words in ("はじめて", "2,000円", "300世帯まで", "どの世帯に届いたか", "月50通"):
        assert words in page


def test_it_offers_nothing_that_is_still_being_built(apex):
    page = apex().get("/").content.decode()
    for words in ("安否確認", "アンケート", "5,000円", "月300通"):
        assert words not in page


def test_it_names_the_cities_that_take_part_and_the_offices_telephones(apex, kyoto):
    with public():
        WardOffice.objects.create(city=kyoto, name="左京区役所", kind="ward", ward="左京区", tel="075-702-1029")
    page = apex().get("/").content.decode()
    assert "京都市の自治会・町内会・自治連合会のため" in page
    assert "tel:075-702-1029" in page
    assert "tel:075-611-1144" in page


def test_the_entry_form_begins_on_it(apex):
    page = apex().get("/").content.decode()
    assert 'action="/apply/"' in page
    assert 'name="postal_code"' in page


def test_nothing_on_it_needs_a_script(apex):
    page = apex().get("/").content.decode()
    assert "onclick" not in page
    assert " style=" not in page
