"""The algebra on unions of spaces, against the same algebra on what is written out."""

import random
from fractions import Fraction

import pytest

from mflverify.algebra.normal import Normalizer, normalize
from mflverify.algebra.reading import read_polynomial
from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Space,
    SpeciesConstant,
    VectorSymbol,
    center,
    component_sup,
    dot,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    norm,
    one,
    projector,
    sup_norm,
    to_unicode,
)
from mflverify.expr.components import write_out
from mflverify.expr.terms import is_mean_zero

X = Space("X", union=True)
f, h = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("h", X, "mean-zero")
u, w = FunctionSymbol("u", X), FunctionSymbol("w", X)
phi = VectorSymbol("Phi", X)
M, S = KernelSymbol("M", X, X), KernelSymbol("S", X, X, symmetric=True)
tau, c = SpeciesConstant("tau", X, "positive"), SpeciesConstant("c", X)
L, ONE = generator, one(X)


def inverse(v):
    return inverse_generator(v if is_mean_zero(v) else center(v))


TRUE = [
    equation(inner(f, M(h)), inner(M.T(f), h)),
    equation(inner(u, S(w)), inner(S(u), w)),
    equation(inner(f, M(f) - M.T(f)), 0),
    equation(inner(center(u), ONE), 0),
    equation(center(center(u)), center(u)),
    equation(norm(center(u)) ** 2, norm(u) ** 2 - inner(u, u - center(u))),
    equation(norm(1 + f) ** 2, inner(ONE, ONE) + norm(f) ** 2),
    equation(L(inverse(u)), center(u)),
    equation(inverse(L(u)), center(u)),
    equation(grad(u - center(u)), 0 * grad(u)),
    equation(inner(f, u - center(u)), 0),
    equation(inner(f, inverse(grad_adjoint(f * grad(M(f))))), inner(grad(inverse(f)), f * grad(M(f)))),
    equation(projector(projector(phi)), projector(phi)),
    equation(inner(u * (w - center(w)), ONE), inner(u - center(u), w)),
    equation(grad(tau * u), tau * grad(u)),
    equation(inner(tau * L(u), w), inner(u, L(tau * w))),
    equation(inner(tau * f, inverse(h)), inner(f, inverse(tau * h))),
    equation(inner(tau * f, ONE), 0),
    equation(center(c * u), c * center(u)),
    equation(inverse(tau**-1 * L(tau * f)), f),
    equation(tau ** Fraction(1, 2) * tau ** Fraction(1, 2) * u, tau * u),
    equation(inner(c * u, c * w), inner(c**2 * u, w)),
    equation(inner(c * M(f), h), inner(f, M.T(c * h))),
    equation(inner(c * u, L(L(w))), inner(L(u), c * L(w))),
    equation(inner(tau, ONE), inner(tau * ONE, ONE)),
]  # fmt: skip


@pytest.mark.parametrize("claim", TRUE, ids=to_unicode)
def test_true_on_unions(claim):
    assert normalize(claim.lhs) == normalize(claim.rhs)


FALSE = [
    equation(inner(ONE, ONE), 1),
    equation(center(u), u - inner(u, ONE)),
    equation(norm(center(u)) ** 2, norm(u) ** 2 - inner(u, ONE) ** 2),
    equation(inner(u - center(u), w), inner(u, ONE) * inner(w, ONE)),
    equation(L(inverse(u)), u - inner(u, ONE)),
    equation(inner(f, M(h)), inner(M(f), h)),
    equation(component_sup(u), sup_norm(u)),
    equation(inner(u, M(ONE)), inner(u, ONE) * inner(ONE, M(ONE))),
    equation(tau * M(u), M(tau * u)),
    equation(tau * S(u), S(tau * u)),
    equation(inner(tau * u, ONE), inner(u, ONE)),
    equation(tau * u, tau**2 * u),
    equation(tau * u, c * u),
    equation(inner(tau, ONE), inner(c, ONE)),
]


@pytest.mark.parametrize("claim", FALSE, ids=to_unicode)
def test_false_on_unions(claim):
    assert normalize(claim.lhs) != normalize(claim.rhs)


def function(choose, depth):
    """A random function on X."""
    if depth == 0:
        return choose.choice([f, h, u, w, ONE, u, tau])
    kind = choose.randrange(12)
    v = function(choose, depth - 1)
    match kind:
        case 0:
            return L(v)
        case 1 | 2:
            return inverse(v)
        case 3:
            return M(v)
        case 4:
            return M.T(v)
        case 5:
            return S(v)
        case 6:
            return center(v)
        case 7:
            return v * function(choose, 0)
        case 9:
            return choose.choice([tau, c, tau**-1, tau ** Fraction(1, 2)]) * v
        case 10:
            return (c - 2 * tau) * v
        case 8:
            return dot(grad(v), grad(function(choose, 0)))
    return grad_adjoint(function(choose, 0) * grad(v))


@pytest.mark.parametrize("seed", range(160))
def test_normal_forms_mean_the_same_written_out(seed):
    """What the rules for unions make of an integral is equal to it for two and three components,
    by the rules for single spaces."""
    choose = random.Random(seed)
    scalar = inner(function(choose, 2), function(choose, choose.randrange(3)))
    form = read_polynomial(normalize(scalar))
    for n in (1, 2, 3):
        assert normalize(write_out(scalar, n)) == normalize(write_out(form, n))


def test_rules_for_component_means_are_recorded():
    normalizer = Normalizer()
    normalizer(inner(L(inverse(u)), f))
    assert "mean over components" in {step.rule for step in normalizer.trace}
