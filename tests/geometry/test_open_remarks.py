"""What the paper leaves open: a slack that is attained by the rate, and chi2 that grows."""

from fractions import Fraction
from pathlib import Path

import pytest
from flint import fmpq

from mflverify.expr import Space, chi2, dual_norm, equilibrium_convexity
from mflverify.expr.terms import KernelSymbol
from mflverify.models import Choice, InstanceData, Request, interpret
from mflverify.models.interpretation import HypothesisError
from mflverify.proof.loader import load

PROOFS = load(Path(__file__).parents[2] / "proofs").statements


def matrix(size, entries):
    return tuple(tuple(Fraction(entries.get((i, j), 0)) for j in range(size)) for i in range(size))


def kuramoto(temperature, coupling, slack):
    """k = -2 lambda cos(x - x') on the uniform circle."""
    wave = {(1, 1): -2 * coupling, (2, 2): -2 * coupling}
    return InstanceData(
        "torus",
        potentials={"X": ()},
        kernels={"M": matrix(3, wave)},
        parameters={
            "tau": Choice("value", temperature),
            "alpha": Choice("tight"),
            "lambda": Choice("value", slack),
        },
    )


@pytest.mark.parametrize("coupling", [Fraction(1, 5), Fraction(1, 2), Fraction(9, 10)])
def test_a_positive_slack_with_the_rate_attained(coupling):
    """Noisy Kuramoto below its critical coupling: alpha (tau - lambda) = rho, exactly, lambda > 0."""
    statement = PROOFS["sec-3.1.3-guaranteed"]
    (claim,) = [step.claim for step in statement.conclusions]
    request = Request.of(claim, hypotheses=statement.given)
    instance = interpret(kuramoto(Fraction(1), coupling, coupling), request, "exact")
    assert instance.evaluate(claim.lhs) == instance.evaluate(claim.rhs)
    assert instance.evaluate(claim.rhs) > 0
    smaller = kuramoto(Fraction(1), coupling, coupling * Fraction(99, 100))
    with pytest.raises(HypothesisError, match="does not certainly hold"):
        interpret(smaller, request, "exact")


def test_above_the_critical_coupling_the_equilibrium_is_unstable():
    space = Space("X")
    rho = equilibrium_convexity(space, 1, KernelSymbol("M", space, space, symmetric=True))
    data = kuramoto(Fraction(1), Fraction(3, 2), Fraction(1))
    assert interpret(data, Request.of(rho), "exact").evaluate(rho) == fmpq(-1, 2)


def wave_kernel(strength):
    """k = strength w(x) w(x'), w = cos x + cos 2x: <f, M f> = strength <w, f>^2, so F is convex."""
    places = {(i, j): strength for i in (1, 3) for j in (1, 3)}
    return matrix(4, places)


def rates(strength, size):
    """d/dt of chi2 and of the squared dual norm, tau = 1, f = size (cos 2x - 2 cos x)."""
    phi = (Fraction(0), -2 * size, Fraction(0), size / 4)
    data = InstanceData(
        "torus",
        potentials={"X": ()},
        functions={"f": phi},
        kernels={"M": wave_kernel(strength)},
        parameters={"tau": Choice("value", Fraction(1))},
    )
    claims = [
        next(iter(PROOFS["eq-2.3"].conclusions)).claim,
        next(iter(PROOFS["eq-2.4"].conclusions)).claim,
    ]
    request = Request.of(*claims)
    instance = interpret(data, request, "exact")
    (f,) = [t for t in request.symbols if getattr(t, "kind", "") == "perturbation"]
    assert instance.evaluate(chi2(f)) > instance.evaluate(dual_norm(f) ** 2)
    return tuple(instance.evaluate(claim.lhs) for claim in claims)


@pytest.mark.parametrize("size", [Fraction(1, 4), Fraction(1, 1000)])
def test_chi2_grows_although_the_functional_is_convex(size):
    """However near to equilibrium; the dual norm decreases at the same state."""
    growth, decay = rates(Fraction(20), size)
    assert growth > 0
    assert decay < 0


def test_a_weak_interaction_does_not_make_it_grow():
    """-8 tau + strength, times the squared size, to leading order."""
    growth, _ = rates(Fraction(4), Fraction(1, 1000))
    assert growth < 0
