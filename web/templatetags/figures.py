"""Numbers turned into small inline SVG: no style attribute, no script.
Coordinates are strings, so that no locale touches them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from django import template

register = template.Library()

LEFT, RIGHT, TOP, BOTTOM = 50.0, 600.0, 34.0, 214.0  # the chart's field inside its 660 x 250 box
MOST_MONTHS = 6


@register.filter
def share_of(part: float | None, whole: float | None) -> str:
    """The part in percent of the whole, between 0 and 100, as an SVG width."""
    if not part or not whole:
        return "0"
    return coordinate(min(100.0, max(0.0, 100.0 * part / whole)))


@register.filter
def percent_of(part: float | None, whole: float | None) -> str:
    """27%, or a dash when there is nothing to divide by."""
    return "—" if part is None or not whole else f"{100 * part / whole:.0f}%"


@dataclass(frozen=True)
class ReachBar:
    reached: str
    paper: str
    unknown: str
    unknown_from: str


@register.simple_tag
def reach_bar(reached: int, paper: int, unknown: int) -> ReachBar:
    """Three widths that add up to 100."""
    total = reached + paper + unknown
    if total <= 0:
        return ReachBar("0", "0", "0", "0")
    first, second = 100 * reached / total, 100 * paper / total
    return ReachBar(coordinate(first), coordinate(second), coordinate(100 - first - second), coordinate(first + second))


@dataclass(frozen=True)
class SparkLine:
    points: str = ""
    end_x: str = ""
    end_y: str = ""


@register.simple_tag
def spark_line(values: Sequence[float], top: float = 0) -> SparkLine:
    """A line from zero to `top` (or its own highest value) in a box of 112 x 32."""
    if not values:
        return SparkLine()
    highest = max(top, *values) or 1
    step = 99 / max(1, len(values) - 1)
    points = [(4 + step * i, 28 - 24 * value / highest) for i, value in enumerate(values)]
    return SparkLine(path_of(points), coordinate(points[-1][0]), coordinate(points[-1][1]))


@dataclass(frozen=True)
class Mark:
    at: str
    label: str
    now: bool = False


@dataclass(frozen=True)
class LineChart:
    line: str = ""
    area: str = ""
    end_x: str = ""
    end_y: str = ""
    end_label: str = ""
    ticks: list[Mark] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@register.simple_tag
def line_chart(series: Sequence[tuple[str, float]], unit: str = "") -> LineChart:
    """One line over time, from zero, with a round scale and its last value written on it."""
    if not series:
        return LineChart()
    step = round_step(max(value for _label, value in series))
    top = step * max(1, math.ceil(max(value for _label, value in series) / step))
    width = (RIGHT - LEFT) / max(1, len(series) - 1)
    points = [(LEFT + width * i, height_of(value, top)) for i, (_label, value) in enumerate(series)]
    line = path_of(points)
    return LineChart(
        line=line,
        area=f"{coordinate(LEFT)},{coordinate(BOTTOM)} {line} {coordinate(points[-1][0])},{coordinate(BOTTOM)}",
        end_x=coordinate(points[-1][0]),
        end_y=coordinate(points[-1][1]),
        end_label=f"{coordinate(series[-1][1])}{unit}",
        ticks=[Mark(coordinate(height_of(v, top)), f"{coordinate(v)}{unit}") for v in scale(step, top)],
        marks=months([label for label, _value in series], [x for x, _y in points]),
    )


def round_step(highest: float) -> float:
    """1, 2 or 5 times a power of ten, so that at most five lines cross the chart."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest / 4))
    return next(power * factor for factor in (1, 2, 5, 10) if highest <= 4 * power * factor)


def scale(step: float, top: float) -> list[float]:
    return [step * i for i in range(round(top / step) + 1)]


def height_of(value: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / top


def months(labels: list[str], places: list[float]) -> list[Mark]:
    """Every label that has room, counted back from the last, which is now."""
    every = math.ceil(len(labels) / MOST_MONTHS)
    last = len(labels) - 1
    return [
        Mark(coordinate(place), label, now=i == last)
        for i, (label, place) in enumerate(zip(labels, places, strict=True))
        if (last - i) % every == 0
    ]


def path_of(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points)


def coordinate(value: float) -> str:
    """One decimal, without a useless zero."""
    return f"{value:.1f}".removesuffix(".0")
