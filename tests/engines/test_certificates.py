"""Certificates: found for the paper's kinds of steps, and refused when anything is wrong."""

from fractions import Fraction
from importlib.util import find_spec

import pytest
from attrs import evolve

from mflverify.engines.certificates import find_certificate
from mflverify.engines.scalar import prove
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    Parameter,
    Space,
    equation,
    maximum,
    minimum,
    norm,
    sqrt,
)
from mflverify.proof import Statement
from mflverify.proof.certificate import Certificate, Signs, check, obligation_atoms
from mflverify.proof.kernel import examine

a, b, c, e = (Parameter(n, "positive") for n in "abce")
r, s = Parameter("r"), Parameter("s")
f = FunctionSymbol("f", Space("X"), "perturbation")
g = FunctionSymbol("g", Space("Y"), "perturbation")


def obligation(claim, given=()):
    s = Statement("s", "one step", given=given)
    return examine(s.step("claim", claim))[-1]


TRUE = {
    "product of hypotheses": (a * c <= b * e, [a <= b, c <= e]),
    "arithmetic and geometric mean": (2 * norm(f) * norm(g) <= norm(f) ** 2 + norm(g) ** 2, []),
    "Young": (2 * a * norm(f) * norm(g) <= e * norm(f) ** 2 + a**2 / e * norm(g) ** 2, []),
    "root of a sum": (norm(f) + norm(g) <= sqrt(2) * sqrt(norm(f) ** 2 + norm(g) ** 2), []),
    "absolute value": (abs(a - b) <= c, [a - b <= c, b - a <= c]),
    "root": (sqrt(a) <= sqrt(b), [a <= b]),
    "square of a signed number": (2 * r * s <= r**2 + s**2, []),
    "square of three": (2 * r * s + 2 * s * a <= 2 * r * a + r**2 + s**2 + a**2, []),
    "denominators": (a / (a - b) * c <= e, [b < a, a * c <= e * (a - b)]),
}


@pytest.mark.parametrize("name", TRUE)
def test_certificates_are_found_and_accepted(name):
    claim, given = TRUE[name]
    goal = obligation(claim, given)
    certificate = find_certificate(goal)
    assert certificate is not None
    assert check(certificate, goal)
    assert prove(goal).answer == "proved"


FALSE = {
    "wrong direction": (a * c >= b * e, [a <= b, c <= e]),
    "lost factor": (3 * norm(f) * norm(g) <= norm(f) ** 2 + norm(g) ** 2, []),
    "swapped weights": (
        2 * a * norm(f) * norm(g) <= e * norm(f) ** 2 + a**2 * e * norm(g) ** 2,
        [],
    ),
    "lost root of two": (norm(f) + norm(g) <= sqrt(norm(f) ** 2 + norm(g) ** 2), []),
    "one side only": (abs(a - b) <= c, [a - b <= c]),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_goals_have_no_certificate_and_a_counterexample(name):
    claim, given = FALSE[name]
    goal = obligation(claim, given)
    assert find_certificate(goal) is None
    result = prove(goal)
    assert result.answer == "refuted"
    assert result.counterexample


def tampered(certificate, **changes):
    first, *rest = certificate.cases[0]
    return Certificate(((evolve(first, **changes), *rest),), certificate.squared)


def test_a_tampered_certificate_is_refused():
    goal = obligation(a * c <= b * e, [a <= b, c <= e])
    good = find_certificate(goal)
    assert good is not None
    first = good.cases[0][0]
    assert not check(tampered(good, coefficient=first.coefficient + 1), goal)
    assert not check(tampered(good, coefficient=-first.coefficient), goal)
    assert not check(tampered(good, hypotheses=tuple(1 - i for i in first.hypotheses)), goal)
    assert not check(Certificate((), good.squared), goal)
    assert not check(Certificate(good.cases, not good.squared), goal)


def test_a_certificate_for_another_goal_is_refused():
    goal = obligation(a * c <= b * e, [a <= b, c <= e])
    good = find_certificate(goal)
    other = obligation(a * c <= b * e, [a <= b, e <= c])
    assert good is not None
    assert not check(good, other)


def test_a_negative_multiplier_is_refused():
    signed = Parameter("signed")
    goal = obligation(signed * a <= signed * b, [a <= b])
    assert find_certificate(goal) is None
    assert prove(goal).answer == "refuted"


def test_a_tiny_limit_is_unknown():
    goal = obligation(
        (a + b) ** 2 * (c + e) ** 3 <= 64 * (a**2 + b**2) * (c**3 + e**3) + a * b * c * e, []
    )
    assert prove(goal, limit=10).answer == "unknown"


def test_multipliers_are_rational():
    goal = obligation(3 * a <= 2 * b, [Fraction(3, 2) * a <= b])
    (case,) = find_certificate(goal).cases if find_certificate(goal) else ((),)
    assert goal.settled is not None or sum(part.coefficient for part in case) == 2


def test_a_semidefinite_program_made_exact():
    """A form with many Gram matrices: only a solver finds a semidefinite one (Parrilo's example)."""
    goal = obligation(r**2 * s**2 <= 2 * r**4 + 2 * r**3 * s + 5 * s**4)
    certificate = find_certificate(goal)
    if find_spec("cvxpy") is None or find_spec("clarabel") is None:
        assert certificate is None
        pytest.skip("cvxpy and clarabel are not installed")
    assert certificate is not None
    assert check(certificate, goal)
    assert all(part.root is not None for part in certificate.cases[0])
    assert find_certificate(obligation(3 * r**2 * s**2 <= r**4 + s**4)) is None


X, Y, Z, D = (Flow("abstract").quantity(name) for name in "XYZD")
HARDER = {
    "equation from two inequalities": (equation(X, Y), [X <= Y, Y <= X]),
    "through a constant between": (a * X <= Y, [a <= b, b * X <= Y]),
    "a middle term of a hypothesis": (a * X <= Y**2, [X <= sqrt(Z) * Y, a * Z <= X]),
    "a square with many terms": (
        2 * (a + b) * sqrt(D) * sqrt(X) * sqrt(1 + Y) <= e * D + (a + b) ** 2 * X * (1 + Y) / e,
        [],
    ),
    "positive since its root is": (0 < 2 * X - Y, [Y <= X, 0 < sqrt(X)]),
    "the larger of two": (a + b <= 2 * maximum(a, b), []),
    "a product with the larger": (maximum(a, b) * c <= a * c + b * c, []),
    "the smaller of two": (minimum(r, s) <= (r + s) / 2, []),
    "squares below the larger": (2 * a * b <= 2 * maximum(a, b) ** 2, []),
}


@pytest.mark.parametrize("name", HARDER)
def test_harder_ones_need_no_solver(name):
    claim, given = HARDER[name]
    goal = obligation(claim, given)
    certificate = find_certificate(goal)
    assert certificate is not None
    assert check(certificate, goal)


WRONG = {
    "equation from one inequality": (equation(X, Y), [X <= Y]),
    "the constant on the wrong side": (a * X <= Y, [b <= a, b * X <= Y]),
    "middle term doubled": (a * X <= Y**2, [X <= 2 * sqrt(Z) * Y, a * Z <= X]),
    "strict from weak": (0 < 2 * X - Y, [Y <= X]),
    "above the smaller of two": (a + b <= 2 * minimum(a, b), []),
    "the larger of two below both": (maximum(r, s) <= r, []),
}


@pytest.mark.parametrize("name", WRONG)
def test_their_false_neighbours_have_none(name):
    claim, given = WRONG[name]
    assert find_certificate(obligation(claim, given)) is None


def test_signs_that_follow_from_one_hypothesis():
    """x >= p + q with q visibly >= 0; what is only >= 0 is not taken to be > 0."""
    u = Parameter("u")
    for given, positive, nonnegative in (
        ([a <= u], True, True),
        ([0 <= u], False, True),
        ([c * X <= u], False, True),
        ([u <= a], False, False),
        ([-a <= u], False, False),
        ([equation(u, X + a)], True, True),
    ):
        signs = Signs.of(obligation(u + X <= u + 2 * X, given))
        (atom,) = {x for x in obligation_atoms(obligation(u <= a, given)) if "'u'" in x.key}
        assert signs.is_nonzero(atom) is positive
        assert signs.is_nonnegative(atom) is nonnegative
