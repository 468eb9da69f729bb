"""Trajectories are drawn on a logarithmic axis, and what has no logarithm is not drawn."""

from __future__ import annotations

import re

import pytest
from attrs import evolve

from mflverify.ledger.records import CurveRecord, Ledger, RateRecord
from mflverify.report.trajectories import trajectory_figure


@pytest.fixture
def rate(campaigns: Ledger) -> RateRecord:
    return campaigns.rates[0]


def _paths(rate: RateRecord) -> list[str]:
    return re.findall(r'class="curve[^"]*" d="([^"]*)"', str(trajectory_figure(rate)))


def _with(rate: RateRecord, times: str, values: str) -> RateRecord:
    curve = CurveRecord("c", "measured", tuple(times.split()), tuple(values.split(",")))
    return evolve(rate, curves=(curve,))


def test_equal_factors_are_equal_heights(rate: RateRecord) -> None:
    (path,) = _paths(_with(rate, "0 1 2", "100,10,1"))
    points = [tuple(map(float, p.split())) for p in path[1:].split("L")]
    (x0, y0), (x1, y1), (x2, y2) = points
    assert y1 - y0 == pytest.approx(y2 - y1, abs=0.2)
    assert y0 < y1
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)


def test_a_curve_is_broken_where_there_is_no_logarithm(rate: RateRecord) -> None:
    for hole in ("0", "-1", "nan", "", "inf"):
        (path,) = _paths(_with(rate, "0 1 2 3 4", f"1,0.5,{hole},0.2,0.1"))
        assert path.count("M") == 2
        assert path.count("L") == 2


def test_a_point_alone_is_a_dot(rate: RateRecord) -> None:
    measured = _paths(rate)[0]
    assert measured.endswith("h0.1")


def test_nothing_is_drawn_of_nothing(rate: RateRecord) -> None:
    assert trajectory_figure(evolve(rate, curves=())) == ""
    assert trajectory_figure(_with(rate, "0 1", "0,0")) == ""


def test_the_figure_has_units_and_an_alternative(rate: RateRecord) -> None:
    svg = str(trajectory_figure(rate))
    assert "time t [1/τ]" in svg
    assert "chi2 (measured) from 1 at time 0 to 0.001 at time 3" in svg
    assert svg.count('class="curve') == 2


def test_constant_curves_and_far_decades_have_a_scale(rate: RateRecord) -> None:
    assert _paths(_with(rate, "0 1", "1,1"))
    (path,) = _paths(_with(rate, "0 1 2", "1,1e-10,1e-300"))
    assert path.count("L") == 1  # more than sixteen decades below the top is not drawn
