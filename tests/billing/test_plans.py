"""The price list: arithmetic per household, what each plan holds, and whom it is for."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from billing.plans import PLANS, PlanCode, find, plan_of_product, plan_with, plans_for, with_tax
from controlplane.associations.features import Feature
from controlplane.associations.models import Association

SOLD = [plan for plan in PLANS if plan.is_sold_online]


@pytest.mark.parametrize(
    ("code", "households", "yen"),
    [
        ("free", 3400, 0),
        ("standard", 0, 2000),
        ("standard", 1, 2000),
        ("standard", 300, 2000),
        ("standard", 301, 3000),
        ("standard", 600, 3000),
        ("standard", 601, 4000),
        ("standard", 3400, 13_000),
        ("premium", 300, 5000),
        ("premium", 301, 7500),
        ("premium", 600, 7500),
        ("premium", 601, 10_000),
        ("federation", 120, 3000),
        ("federation", 3400, 3000),
    ],
)
def test_the_price_counts_households_in_blocks_of_300(code, households, yen):
    assert find(code).monthly_price(households) == yen


@given(st.sampled_from(SOLD), st.integers(0, 100_000), st.integers(0, 1000))
def test_more_households_never_cost_less_and_each_block_costs_the_same(plan, households, more):
    assert plan.monthly_price(households) <= plan.monthly_price(households + more)
    assert plan.monthly_price(households + 300) - plan.monthly_price(households) in (plan.extra, 0)
    assert (plan.monthly_price(households + 300) == plan.monthly_price(households)) == (
        not plan.extra or not households
    )


@given(st.sampled_from(SOLD), st.integers(0, 100_000))
def test_what_stripe_is_told_adds_up_to_the_list_price(plan, households):
    quantities = (1, plan.extra_blocks(households))
    assert sum(tag.yen * n for tag, n in zip(plan.tags, quantities, strict=False)) == plan.monthly_price(households)


@given(st.integers(0, 10_000_000))
def test_tax_is_a_tenth_with_fractions_dropped(yen):
    assert with_tax(yen) == yen + yen // 10


def test_the_city_s_plan_has_no_list_price():
    with pytest.raises(ValueError, match="by quote"):
        find("city").monthly_price(300)


def test_each_paid_plan_holds_more_than_the_one_below_it():
    free, standard, premium = (find(code).features for code in ("free", "standard", "premium"))
    assert free < standard < premium


@pytest.mark.parametrize(
    ("feature", "code"),
    [
        ("delivery_ledger", "standard"),
        ("surveys", "standard"),
        ("folders", "standard"),
        ("talk", "standard"),
        ("safety_check", "premium"),
        ("hall_booking", "premium"),
        ("assembly_pack", "premium"),
        ("member_associations", "federation"),
        ("document_desk", "federation"),
    ],
)
def test_a_feature_that_is_off_names_the_cheapest_plan_that_has_it(feature, code):
    assert plan_with(Feature(feature)).code == code


def test_no_feature_is_without_a_plan_to_buy():
    assert all(plan_with(feature).is_sold_online for feature in Feature)


def test_only_a_federation_is_offered_the_federation_s_plan():
    codes = {kind: [plan.code for plan in plans_for(Association(kind=kind))] for kind in Association.Kind}
    assert codes["association"] == ["free", "standard", "premium"]
    assert codes["federation"] == ["free", "standard", "premium", "federation"]


def test_stripe_s_products_lead_back_to_their_plans():
    assert [plan_of_product(plan.product) for plan in SOLD] == SOLD
    assert plan_of_product("prod_of_somebody_else") is None
    assert plan_of_product("kairan_free") is None


def test_products_are_named_in_japanese_whoever_buys_first():
    with override("en"):
        assert [tag.name for tag in find("standard").tags] == ["回覧 標準", "回覧 標準（300世帯ごとの追加）"]


def test_every_plan_has_a_name_and_lines_to_print():
    assert [str(plan) for plan in PLANS] == ["はじめて", "標準", "あんしん", "連合会", "自治体"]
    assert all(plan.points and all(map(str, plan.points)) for plan in PLANS)
    assert {plan.code for plan in PLANS} == set(PlanCode)
