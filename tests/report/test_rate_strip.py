"""Rates on one axis: each at its place, the uncertainty of the measured one as a bar."""

from __future__ import annotations

import re

import pytest
from attrs import evolve

from mflverify.ledger.records import Ledger, RateRecord
from mflverify.report.rate_strip import rate_strip


@pytest.fixture
def rate(campaigns: Ledger) -> RateRecord:
    return campaigns.rates[0]


def _places(rate: RateRecord) -> dict[str, float]:
    found = re.findall(r'is-(\w+)"><title>.*?<circle cx="([\d.]+)"', str(rate_strip(rate)))
    return {role: float(x) for role, x in found}


def _ticks(rate: RateRecord) -> dict[float, float]:
    found = re.findall(r'<text class="x" x="([\d.]+)" y="[\d.]+">([\d.]+)<', str(rate_strip(rate)))
    return {float(value): float(x) for x, value in found}


def test_places_are_proportional_to_rates(rate: RateRecord) -> None:
    places, ticks = _places(rate), _ticks(rate)
    unit = (ticks[1.0] - ticks[0.0]) / 1.0
    expected = {"bound": 0.5, "guaranteed": 1.0, "conjectured": 1.21, "measured": 1.2}
    assert set(places) == set(expected)
    for role, value in expected.items():
        assert places[role] == pytest.approx(ticks[0.0] + unit * value, abs=0.2)


def test_the_bar_is_the_uncertainty(rate: RateRecord) -> None:
    ticks = _ticks(rate)
    start, end = re.findall(r"<title>measured.*?M([\d.]+) [\d.]+H([\d.]+)", str(rate_strip(rate)))[
        0
    ]
    assert float(end) - float(start) == pytest.approx(0.2 * (ticks[1.0] - ticks[0.0]), abs=0.3)


def test_rates_that_are_missing_have_no_row(rate: RateRecord) -> None:
    places = _places(evolve(rate, measured="", guaranteed="", error_bar="inf"))
    assert set(places) == {"bound", "conjectured"}
    nothing = evolve(rate, measured="", guaranteed="", claimed="nan", conjectured="0")
    assert rate_strip(nothing) == ""


def test_the_figure_has_a_unit_and_an_alternative(rate: RateRecord) -> None:
    svg = str(rate_strip(rate))
    assert "rate [per 1/τ]" in svg
    assert "rate [per unit of time]" in str(rate_strip(evolve(rate, time_unit="")))
    assert "guaranteed 1, conjectured 1.21, measured 1.2" in svg
