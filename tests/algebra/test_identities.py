"""Identities that the algebra must decide, by name; near misses that it must not.

Each pair is also evaluated on small exact models, so that the tables themselves are checked.
"""

from fractions import Fraction
from pathlib import Path

import pytest
from exact_model import instances
from vocabulary import (
    A,
    L,
    M,
    S,
    X,
    c,
    eps,
    eta,
    f,
    g,
    game,
    gradient_flow,
    h,
    inverse,
    phi,
    psi,
    q,
    remainder_flow,
    tau,
    u,
    v,
    w,
    x,
)

from mflverify.algebra import Normalizer, normalize, rules
from mflverify.algebra.derivative import time_derivative
from mflverify.expr import (
    FunctionSymbol,
    at_time,
    center,
    chi2,
    directional,
    dot,
    dual_norm,
    exp,
    grad,
    grad_adjoint,
    inner,
    kernel_slice,
    mixed_derivative_sup,
    norm,
    one,
    projector,
    sqrt,
    sup_norm,
)
from mflverify.expr.sorts import SCALAR, FunctionSort

Gf, Gh = inverse(f), inverse(h)
ZERO = 0 * tau
mean_f_squared = center(f * h)
P = grad_adjoint(phi)

# the rule that must appear in the trace, when the identity is there to show it
RULES = {
    "mean zero: <f, 1> = 0": (inner(f, one(X)), ZERO, "mean zero"),
    "mean zero: <L u, 1> = 0": (inner(L(u), one(X)), ZERO, "adjoint"),
    "mean zero: <L^-1 f, 1> = 0": (inner(Gf, one(X)), ZERO, "mean zero"),
    "mean zero: <grad* Phi, 1> = 0": (inner(P, one(X)), ZERO, "adjoint"),
    "adjoint: <u, grad* Phi> = <grad u, Phi>": (inner(u, P), inner(grad(u), phi), "adjoint"),
    "adjoint: <u, grad*(w grad f)> = <grad u, w grad f>": (
        inner(u, grad_adjoint(w * grad(f))),
        inner(grad(u), w * grad(f)),
        "adjoint",
    ),
    "Leibniz: grad(u w) = u grad w + w grad u": (
        grad(u * w),
        u * grad(w) + w * grad(u),
        None,
    ),
    "inverse: L L^-1 f = f": (L(Gf), f, "L L^-1 = 1"),
    "inverse: L^-1 L u = u - <u, 1>": (inverse(L(u)), center(u), "L L^-1 = 1"),
    "inverse: <L^-1 f, L(u w)> = <f, u w>": (inner(Gf, L(u * w)), inner(f, u * w), "L L^-1 = 1"),
    "inverse: <L L^-1 (f h - mean), u> = <f h, u> - <f, h><u, 1>": (
        inner(L(inverse(center(f * h))), u),
        inner(f * h, u) - inner(f, h) * inner(u, one(X)),
        "L L^-1 = 1",
    ),
    "adjoint: <L u, L w> = <u, L L w>": (inner(L(u), L(w)), inner(u, L(L(w))), "adjoint"),
    "chain: <grad u, grad L w> = <L u, L w>": (
        inner(grad(u), grad(L(w))),
        norm(L(u + w)) ** 2 / 4 - norm(L(u - w)) ** 2 / 4,
        "L is self-adjoint",
    ),
    "chain: <grad* Phi, L u> = <Phi, grad L u>": (
        inner(P, L(u)),
        inner(phi, grad(L(u))),
        "L is self-adjoint",
    ),
    "adjoint: <u w, grad* Phi> = <Phi, u grad w> + <Phi, w grad u>": (
        inner(u * w, P),
        inner(phi, u * grad(w) + w * grad(u)),
        "adjoint",
    ),
    "divergence: <u L w, grad* Phi> = <Phi, grad(u L w)> in 2 <grad u.grad w, grad* Phi>": (
        2 * inner(P, dot(grad(u), grad(w))) + inner(L(P), u * w),
        inner(phi, grad(u * L(w)) + grad(w * L(u))),
        "divergence by parts",
    ),
    "divergence: <u Phi, grad grad* Psi> = <grad*(u Phi), grad* Psi>": (
        inner(u * phi, grad(grad_adjoint(psi))),
        inner(grad_adjoint(u * phi), grad_adjoint(psi)),
        "divergence by parts",
    ),
    "polarisation: 2 <grad u.grad w, L L f> = <u L w + w L u - L(u w), L L f>": (
        2 * inner(dot(grad(u), grad(w)), L(L(f))),
        inner(u * L(w) + w * L(u) - L(u * w), L(L(f))),
        "polarisation",
    ),
    "by parts: <u w, L f> = <grad(u w), grad f>": (
        inner(u * w, L(f)),
        inner(grad(u * w), grad(f)),
        "integration by parts",
    ),
    "by parts against G: <u, grad G.grad w> + <w, grad G.grad u> = <f, u w>, G = L^-1 f": (
        inner(u, dot(grad(Gf), grad(w))) + inner(w, dot(grad(Gf), grad(u))),
        inner(f, u * w),
        "L L^-1 = 1 by parts",
    ),
    "two Green kernels: <u, grad G.grad H> symmetric in what is moved": (
        2 * inner(u, dot(grad(Gf), grad(Gh))),
        inner(u * Gf, h) + inner(u * Gh, f) - inner(Gf * Gh, L(u)),
        "L L^-1 = 1 by parts",
    ),
    "three Green kernels: 2 <G, grad H.grad H> = 2 <G H, h> - <H^2, f>": (
        2 * inner(Gf, dot(grad(Gh), grad(Gh))),
        2 * inner(Gf * Gh, h) - inner(Gh**2, f),
        "polarisation",
    ),
    "carre du champ at a point: v.grad L(u w)": (
        directional(grad(L(u * w)), x, v),
        directional(grad(u * L(w) + w * L(u) - 2 * dot(grad(u), grad(w))), x, v),
        "carré du champ",
    ),
    "grad* at a point: v.grad grad*(u grad w)": (
        directional(grad(grad_adjoint(u * grad(w))), x, v),
        directional(grad(u * L(w) - dot(grad(u), grad(w))), x, v),
        "carré du champ",
    ),
}

EQUAL = {
    "<f, M g> = <M^T f, g>": (inner(f, M(g)), inner(M.T(f), g)),
    "<f, S h> = <S f, h> for symmetric S": (inner(f, S(h)), inner(S(f), h)),
    "L = grad* grad": (L(u), grad_adjoint(grad(u))),
    "carre du champ: L(u w) = u L w + w L u - 2 grad u.grad w": (
        L(u * w),
        u * L(w) + w * L(u) - 2 * dot(grad(u), grad(w)),
    ),
    "carre du champ of a cube: L(u^3) = 3 u^2 L u - 6 u |grad u|^2": (
        L(u**3),
        3 * u**2 * L(u) - 6 * u * dot(grad(u), grad(u)),
    ),
    "second order: L L(f h) = L(f L h + h L f - 2 grad f.grad h)": (
        L(L(f * h)),
        L(f * L(h) + h * L(f) - 2 * dot(grad(f), grad(h))),
    ),
    "third order: L L L(f h), inside and outside": (
        L(L(L(f * h))),
        L(L(f * L(h)) + L(h * L(f)) - 2 * L(dot(grad(f), grad(h)))),
    ),
    "second order: <grad f.grad h, L u> = <grad(grad f.grad h), grad u>": (
        inner(dot(grad(f), grad(h)), L(u)),
        inner(grad(dot(grad(f), grad(h))), grad(u)),
    ),
    "Leibniz of grad*: grad*(u grad w) = u L w - grad u.grad w": (
        grad_adjoint(u * grad(w)),
        u * L(w) - dot(grad(u), grad(w)),
    ),
    "Leibniz of grad* on a field: grad*(u Phi) = u grad* Phi - grad u.Phi": (
        grad_adjoint(u * phi),
        u * P - dot(grad(u), phi),
    ),
    "projector: P Phi = grad L^-1 grad* Phi": (projector(phi), grad(inverse(P))),
    "projector: P P = P": (projector(projector(phi)), projector(phi)),
    "projector: P grad u = grad u": (projector(grad(u)), grad(u)),
    "projector: <P Phi, Psi> = <Phi, P Psi>": (
        inner(projector(phi), psi),
        inner(phi, projector(psi)),
    ),
    "projector: ||P Phi||^2 = <Phi, P Phi>": (
        norm(projector(phi)) ** 2,
        inner(phi, projector(phi)),
    ),
    "projector: grad* P = grad*": (grad_adjoint(projector(phi)), P),
    "dual norm: ||f||_-1 = ||grad L^-1 f||": (dual_norm(f), norm(grad(Gf))),
    "dual norm of grad*: ||grad* Phi||_-1 = ||P Phi||": (dual_norm(P), norm(projector(phi))),
    "dual norm of grad*(f grad M g)": (
        dual_norm(grad_adjoint(f * grad(M(g)))),
        norm(projector(f * grad(M(g)))),
    ),
    "norm at the ends: ||1 + f||^2 = 1 + ||f||^2": (norm(1 + f) ** 2, 1 + norm(f) ** 2),
    "variance: ||u - mean||^2 = ||u||^2 - <u, 1>^2": (
        norm(center(u)) ** 2,
        norm(u) ** 2 - inner(u, one(X)) ** 2,
    ),
    "cube: <grad L^-1 f, f grad f> = <f^2, f>/2": (
        inner(grad(Gf), f * grad(f)),
        inner(f**2, f) / 2,
    ),
    "Lemma 3.9: v.grad M g (x) = <v.grad_x k(x, .), g>": (
        directional(grad(M(g)), x, v),
        inner(kernel_slice(M, x, v), g),
    ),
    "Lemma 3.9: v.grad M g (x) = <grad slice, grad L^-1 g>": (
        directional(grad(M(g)), x, v),
        inner(grad(kernel_slice(M, x, v)), grad(inverse(g))),
    ),
    "centring does not change grad M": (grad(M(g)), grad(center(M(g)))),
    "section 2.1: <Phi, grad M grad* Phi> is symmetric in the two sides": (
        inner(grad_adjoint(phi), S(grad_adjoint(psi))),
        inner(phi, grad(S(grad_adjoint(psi)))),
    ),
    "section 2.1: tau ||grad* Phi||^2 is <Phi, grad grad* Phi> tau": (
        tau * norm(P) ** 2,
        tau * inner(phi, grad(P)),
    ),
    "Lemma A.2 for gradients: <grad u, grad L u> = ||L u||^2": (
        inner(grad(u), grad(L(u))),
        norm(L(u)) ** 2,
    ),
    "Lemma A.2 for fields: <Phi, grad grad* Phi> = ||grad* Phi||^2": (
        inner(phi, grad(P)),
        norm(P) ** 2,
    ),
    "Bochner, integrated: <L u, u L u> = <grad u, grad(u L u)>": (
        inner(L(u), u * L(u)),
        inner(grad(u), grad(u * L(u))),
    ),
}

SCALARS = {
    "sqrt(tau) sqrt(tau) sqrt(12) = 2 tau sqrt(3)": (
        sqrt(tau) * sqrt(tau) * sqrt(12 + ZERO),
        2 * tau * sqrt(3),
    ),
    "sqrt(9/4) = 3/2": (sqrt(Fraction(9, 4) + ZERO), Fraction(3, 2) + ZERO),
    "exp(-tau) exp(tau + eps) = exp(eps)": (exp(-tau) * exp(tau + eps), exp(eps)),
    "exp(tau)^3 = exp(3 tau)": (exp(tau) ** 3, exp(3 * tau)),
    "tau/(tau - eps) - eps/(tau - eps) = 1": (tau / (tau - eps) - eps / (tau - eps), 1 + ZERO),
    "1/(c - tau) = -1/(tau - c)": (1 / (c - tau), -1 / (tau - c)),
    "sup |-2 tau f| = 2 tau sup |f|": (sup_norm(-2 * tau * f), 2 * tau * sup_norm(f)),
    "|-c| = |c|": (abs(-c), abs(c)),
    "|tau c| = tau |c|": (abs(tau * c), tau * abs(c)),
    "|tau c - tau eps| = tau |c - eps|": (abs(tau * c - tau * eps), tau * abs(c - eps)),
    "|c|^2 = c^2": (abs(c) ** 2, c**2),
    "|c^2 + tau| = c^2 + tau": (abs(c**2 + tau), c**2 + tau),
    "norm of zero": (norm(grad(one(X))), ZERO),
    "||f - f|| = 0": (norm(f - f), ZERO),
    "K of the transpose": (mixed_derivative_sup(M.T), mixed_derivative_sup(M)),
    "value at a time is linear and fixes constants": (
        at_time(2 * chi2(f) + tau, 0),
        2 * at_time(chi2(f), 0) + tau,
    ),
    "value at a time is multiplicative": (
        at_time(norm(f) * dual_norm(f), 0),
        at_time(norm(f), 0) * at_time(dual_norm(f), 0),
    ),
    "value at a time of a root": (
        at_time(sqrt(chi2(f) + chi2(h)), 0),
        sqrt(at_time(chi2(f) + chi2(h), 0)),
    ),
    "value at a time of a value at a time": (
        at_time(at_time(chi2(f), 0) * chi2(f), tau),
        at_time(chi2(f), 0) * at_time(chi2(f), tau),
    ),
}

PAPER = {
    "(2.3)": (
        gradient_flow,
        chi2(f),
        -2 * tau * inner(f, L(f)) - 2 * inner(f, L(S(f))) - 2 * inner(grad(f), f * grad(S(f))),
    ),
    "(2.4)": (
        gradient_flow,
        dual_norm(f) ** 2,
        -2 * tau * chi2(f) - 2 * inner(f, S(f)) - 2 * inner(grad(Gf), f * grad(S(f))),
    ),
    "(3.7) with remainder R": (
        remainder_flow,
        dual_norm(f) ** 2,
        -2 * tau * chi2(f)
        - 2 * inner(f, S(f))
        - 2 * inner(f, inverse(grad_adjoint(f * grad(S(f)))))
        - 2 * inner(f, inverse(grad_adjoint((1 + f) * grad(w)))),
    ),
    "(3.7), chi2": (
        remainder_flow,
        chi2(f),
        -2 * tau * norm(grad(f)) ** 2 - 2 * inner(grad(f), (1 + f) * grad(S(f) + w)),
    ),
    "(4.3) with two temperatures and a time scale": (
        game,
        dual_norm(f) ** 2 + dual_norm(g) ** 2 / eta,
        -2 * tau * chi2(f)
        - 2 * eps * chi2(g)
        - 2 * inner(f, inverse(grad_adjoint(f * grad(M(g)))))
        + 2 * inner(g, inverse(grad_adjoint(g * grad(M.T(f))))),
    ),
    "mass: d/dt <f, 1> = 0": (game, inner(f, one(X)), ZERO),
    "moment: d/dt <f, u>": (
        gradient_flow,
        inner(f, u),
        -tau * inner(grad(u), grad(f)) - inner(grad(u), (1 + f) * grad(S(f))),
    ),
}

DIFFERENT = {
    "L without its sign": (L(u), -L(u)),
    "transpose of an asymmetric kernel": (inner(f, A(h)), inner(A(f), h)),
    "mean of a function": (inner(u, one(X)), ZERO),
    "L^-1 L u is not u": (inverse(L(u)), u),
    "norm for dual norm": (norm(f) ** 2, dual_norm(f) ** 2),
    "a field is not its projection": (projector(phi), phi),
    "a field f grad h is not its projection": (projector(f * grad(h)), f * grad(h)),
    "L is not a derivation": (L(u * w), u * L(w) + w * L(u)),
    "carre du champ with a factor 1": (L(u * w), u * L(w) + w * L(u) - dot(grad(u), grad(w))),
    "L L^-1 on a product forgets the mean": (
        inner(L(inverse(center(f * h))), u),
        inner(f * h, u),
    ),
    "P (f Phi) is not f P Phi": (projector(f * phi), f * projector(phi)),
    "a divergence is not free of its field": (
        inner(u, grad_adjoint(phi)),
        inner(u, grad_adjoint(psi)),
    ),
    "half of (2.4)": (
        time_derivative(dual_norm(f) ** 2, gradient_flow),
        -tau * chi2(f) - 2 * inner(f, S(f)) - 2 * inner(grad(Gf), f * grad(S(f))),
    ),
    "L^2 cross terms do not cancel": (
        time_derivative(chi2(f) + chi2(g) / eta, game),
        -2 * tau * norm(grad(f)) ** 2
        - 2 * eps * norm(grad(g)) ** 2
        - 2 * inner(grad(f), f * grad(M(g)))
        + 2 * inner(grad(g), g * grad(M.T(f))),
    ),
    "<f, M q> for a q that is not mean-zero": (inner(one(X), M(q)), ZERO),
}

DIFFERENT_SCALARS = {
    "sqrt(c^2) is not c": (sqrt(c**2), c),
    "|c| is not c": (abs(c), c),
    "sup |u| is not sup |w|": (sup_norm(u), sup_norm(w)),
    "sup |c u| is not c sup |u|": (sup_norm(c * u), c * sup_norm(u)),
    "values at two times": (at_time(chi2(f), 0), at_time(chi2(f), tau)),
    "||f||^2 + ||h||^2 is not (||f|| + ||h||)^2": (
        norm(f) ** 2 + norm(h) ** 2,
        (norm(f) + norm(h)) ** 2,
    ),
}


def agree(left, right):
    return (normalize(left) - normalize(right)).is_zero


def values(left, right):
    """Exact values of both sides, functions and fields paired with what is drawn for `t`."""
    if left.sort != SCALAR:
        kind = type(left.sort)
        test = FunctionSymbol("t", left.sort.space)
        other = test if kind is FunctionSort else grad(test) + test * phi
        left, right = inner(left, other), inner(right, other)
    return [(instance(left), instance(right)) for instance in instances()]


@pytest.mark.parametrize("name", RULES)
def test_rule(name):
    left, right, rule = RULES[name]
    normalizer = Normalizer()
    assert normalizer(left) == normalizer(right)
    assert all(a == b for a, b in values(left, right))
    assert rule is None or rule in {step.rule for step in normalizer.trace}


@pytest.mark.parametrize("name", EQUAL)
def test_identity(name):
    left, right = EQUAL[name]
    assert agree(left, right)
    if "norm:" not in name and "norm of" not in name:
        assert all(a == b for a, b in values(left, right))


@pytest.mark.parametrize("name", PAPER)
def test_identity_of_the_paper(name):
    flow, functional, right = PAPER[name]
    assert agree(flow.derivative(functional), right)
    left = time_derivative(functional, flow)
    assert all(a == b for a, b in values(left, right))


@pytest.mark.parametrize("name", SCALARS)
def test_scalar_identity(name):
    assert agree(*SCALARS[name])


@pytest.mark.parametrize("name", DIFFERENT)
def test_difference(name):
    left, right = DIFFERENT[name]
    assert any(a != b for a, b in values(left, right))
    assert not agree(left, right)


@pytest.mark.parametrize("name", DIFFERENT_SCALARS)
def test_scalar_difference(name):
    assert not agree(*DIFFERENT_SCALARS[name])


def test_every_rule_is_documented_and_tried():
    names = {name for name, _ in rules.RULES}
    text = (Path(__file__).parents[2] / "docs" / "algebra.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert names <= rows
    tried = {rule for _, _, rule in RULES.values() if rule is not None}
    assert names == tried | {"mean over components"}  # that one in test_union_algebra.py
