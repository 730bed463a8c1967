"""The price list is public."""


def test_anybody_reads_the_price_list(apex_api):
    plans = {plan["code"]: plan for plan in apex_api().get("plans/").json()["results"]}
    assert list(plans) == ["free", "standard", "premium", "federation", "city"]
    assert (plans["standard"]["monthly_price"], plans["standard"]["monthly_price_per_further_block"]) == (2000, 1000)
    assert "delivery_ledger" in plans["standard"]["features"]
    assert plans["city"]["monthly_price"] is None


def test_a_site_has_no_price_list(api, member):
    assert api(member).get("plans/").status_code == 404
