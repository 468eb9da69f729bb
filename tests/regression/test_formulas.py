"""Formulas side by side, constants, margins."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from regression_builders import BASE, evidence, with_step

from mflverify.ledger.records import EvidenceRecord
from mflverify.regression.formulas import changed_constants, compare_formulas
from mflverify.regression.margins import drifts, margin_trend, radius_trend
from mflverify.regression.snapshot import relative_radius


def marked(pieces):
    return "".join(f"[{p.text}]" if p.changed else p.text for p in pieces)


@pytest.mark.parametrize(
    ("old", "new", "first", "second"),
    [
        ("a ≤ 2b", "a ≤ 3b", "a ≤ [2]b", "a ≤ [3]b"),
        ("a ≤ b", "a ≤ 2b", "a ≤ b", "a ≤ [2]b"),
        ("‖f‖₋₁² ≤ b", "‖f‖² ≤ b", "‖f‖[₋₁]² ≤ b", "‖f‖² ≤ b"),
        ("⟨f, Lf⟩", "−⟨f, Lf⟩", "⟨f, Lf⟩", "[−]⟨f, Lf⟩"),
        ("", "a", "", "[a]"),
        ("a", "a", "a", "a"),
        ("10a", "100a", "[10]a", "[100]a"),
    ],
)
def test_what_differs_is_marked(old, new, first, second):
    left, right = compare_formulas(old, new)
    assert (marked(left), marked(right)) == (first, second)


formulas = st.text("ab₁²‖⟨⟩ +−≤2/10 ", max_size=30)


@given(formulas, formulas)
def test_the_pieces_are_the_formulas_and_the_shared_ones_agree(old, new):
    left, right = compare_formulas(old, new)
    assert "".join(p.text for p in left) == old
    assert "".join(p.text for p in right) == new
    assert [p.text for p in left if not p.changed] == [p.text for p in right if not p.changed] or (
        "".join(p.text for p in left if not p.changed)
        == "".join(p.text for p in right if not p.changed)
    )


@pytest.mark.parametrize(
    ("old", "new", "constants"),
    [
        ("a ≤ 2b", "a ≤ 3b", ("2 → 3",)),
        ("a ≤ b", "a ≤ 2b", ("none → 2",)),
        ("a ≤ b/2", "a ≤ b", ("/2 → none",)),
        ("a²", "a³", ("² → ³",)),
        ("a² + 2b", "a³ + 4b", ("² → ³", "2 → 4")),
        ("‖f‖₋₁", "‖f‖", ()),
        ("a₁ ≤ b", "a₂ ≤ b", ()),
        ("a ≤ b", "a < b", ()),
        ("a + b", "a − b", ()),
        ("a", "a", ()),
    ],
)
def test_constants(old, new, constants):
    assert changed_constants(old, new) == constants


@pytest.mark.parametrize(
    ("engine", "old", "new", "trend"),
    [
        ("certified", "0.4", "0.2", "same"),
        ("certified", "0.4", "0.19", "worse"),
        ("certified", "0.4", "0", "worse"),
        ("certified", "0.4", "-0.1", "worse"),
        ("certified", "0.1", "0.4", "better"),
        ("sampled", "-1e-15", "-5e-13", "same"),  # rounding
        ("sampled", "-1e-15", "-5e-9", "worse"),
        ("sampled", "-1e-9", "-3e-9", "worse"),
        ("sampled", "-3e-9", "-1e-9", "better"),
        ("certified", "-1e-37", "-1e-25", "same"),
        ("certified", "-1e-37", "-1e-15", "worse"),
        ("exact", "-0", "0", "same"),
        ("exact", "0", "-1e-300", "worse"),
        ("exact", "1e-30", "1e-31", "worse"),
        ("certified", "0.4", "", "same"),
        ("certified", "", "0.4", "same"),
        ("trajectories", "-1e-10", "-5e-10", "same"),
    ],
)
def test_margins(engine, old, new, trend):
    assert margin_trend(engine, old, new) == trend


@pytest.mark.parametrize(
    ("old", "new", "trend"),
    [
        ("1e-8", "2e-8", "same"),
        ("1e-8", "2.1e-8", "worse"),
        ("1e-8", "1e-9", "better"),
        ("1e-13", "9e-12", "same"),  # only the printed digits
        ("1e-13", "1e-9", "worse"),
        ("", "1", "same"),
    ],
)
def test_radii(old, new, trend):
    assert radius_trend(old, new) == trend


@pytest.mark.parametrize(
    ("lhs", "rhs", "radius"),
    [
        ("[2.0 +/- 1e-6]", "[4.0 +/- 2e-8]", "2.5e-07"),
        ("[+/- 1e-30]", "[+/- 3e-30]", "3e-30"),
        ("1/2", "3/4", ""),
        ("0.25", "0.5", ""),
        ("[-2.00 +/- 2e-6]", "0", "1e-06"),
    ],
)
def test_the_radius_of_a_record(lhs, rhs, radius):
    record = EvidenceRecord("certified", "certified", 1, lhs=lhs, rhs=rhs)
    assert relative_radius(record) == radius


def test_small_steps_are_shown_when_a_baseline_is_recorded():
    label = "lem-3.9/pointwise"
    new = with_step(BASE, label, evidence=evidence(margin="0.2", radius="1e-08"))
    assert list(drifts(BASE, new)) == [f"  {label}  margin 0.25 → 0.2 (certified torus)"]
    worse = with_step(BASE, label, evidence=evidence(margin="0.1", radius="1e-08"))
    assert list(drifts(BASE, worse)) == []  # that is a change by itself
    assert list(drifts(BASE, evolve(BASE, settings=BASE.settings))) == []
