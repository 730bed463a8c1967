"""Figures: whatever is hidden, no total says which it was."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from controlplane.cities.figures import Figure


@given(st.lists(st.integers(0, 10_000), max_size=8), st.integers(1, 4))
def test_a_total_is_the_same_for_every_hidden_count(shown, hidden):
    totals = {
        Figure.total([Figure.of(count) for count in [*shown, *secret]])
        for secret in product((1, 2, 3, 4), repeat=hidden)
        if not any(0 < count < 5 for count in shown)
    }
    assert len(totals) <= 1


@given(st.lists(st.integers(0, 10_000), max_size=8))
def test_nothing_between_one_and_four_is_ever_shown(counts):
    figures = [Figure.of(count) for count in counts]
    assert all(figure.value is None or figure.value == 0 or figure.value >= 5 for figure in figures)
    total = Figure.total(figures)
    assert total.value is None or total.value == 0 or total.value >= 5


def test_how_they_read():
    assert str(Figure.of(4)) == "5未満"
    assert str(Figure.of(0)) == "0"
    assert str(Figure.of(6870)) == "6,870"
    assert str(Figure.total([Figure.of(108_100), Figure.of(3)])) == "約108,100"
