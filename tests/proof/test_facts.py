"""Every fact holds on instances of every family that can evaluate it; classical constants are sharp."""

import re

import pytest
from attrs import evolve

from mflverify.engines.empirical import examine_instances, speaks_of_time
from mflverify.engines.evidence import overall
from mflverify.engines.profile import PROFILES
from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Space,
    SpeciesConstant,
    VectorSymbol,
    dual_norm,
    equilibrium_convexity,
    grad,
    interaction_bottom,
    log_sobolev_constant,
    monotonicity_slack,
    norm,
    one,
    poincare_constant,
    score,
    sup_norm,
    third_derivative_sup,
    weighted_convexity_constant,
)
from mflverify.expr.terms import RemainderSymbol
from mflverify.proof import LIBRARY, Empirical, Statement

X = Space("X")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", X, "perturbation")
u, w = FunctionSymbol("u", X), FunctionSymbol("w", X)
phi, psi = VectorSymbol("Phi", X), VectorSymbol("Psi", X)
S = KernelSymbol("S", X, X, symmetric=True)
A = KernelSymbol("A", X, X)
R = RemainderSymbol("R", (X,), X)
x, y, v = Point("x", X), Point("y", X), Direction("v", X)
a, b, c = (Parameter(name, "positive") for name in "abc")
s, t = Parameter("s", "nonnegative"), Parameter("t", "nonnegative")
flow = Flow("abstract")
P, Q = flow.quantity("P"), flow.quantity("Q")

union = Space("U", union=True)
union_f, union_phi = FunctionSymbol("f", union, "perturbation"), VectorSymbol("Phi", union)
union_M, union_R = KernelSymbol("M", union, union), RemainderSymbol("R", (union,), union)
union_g = FunctionSymbol("g", union, "perturbation")
union_c, union_eta = SpeciesConstant("c", union), SpeciesConstant("eta", union, "positive")
payoff = KernelSymbol("N", Space("Z"), X)
other = FunctionSymbol("o", Space("Z"), "perturbation")

WEIGHT = a * one(X) + w**2
# arguments for each fact of the library, as general as the fact allows
ARGUMENTS = {
    "cauchy-schwarz": (phi, psi),
    "dual-cauchy-schwarz": (f, g),
    "projection": (phi,),
    "hoelder": (u, phi),
    "poincare": (u,),
    "poincare-dual": (f,),
    "mixed-derivative": (S, x, v),
    "second-order": (R, f),
    "slack": ((S,), (f,)),
    "finite-cauchy-schwarz": ((norm(u), norm(w)), (norm(phi), a)),
    "matrix-bound": (((a, b), (b, c)), (norm(u), norm(w))),
    "supremum": (grad(u), sup_norm(grad(u)), x, v),
    "exp-decay": (-a * b,),
    "exp-monotone": (-a - b, -a),
    "jensen": (u,),
    "hoelder-one": (u, w),
    "triangle": (u, w),
    "pinsker": (f, g),
    "total-mass": (f,),
    "entropy-variance": (f,),
    "log-sobolev": (f,),
    "rothaus": (X,),
    "otto-villani": (f,),
    "holley-stroock": (g, a, sup_norm(1 + g - a)),
    "transport-variance": (f,),
    "transport-dual": (f,),
    "transport-taylor": (R, f),
    "segment-taylor": (R, s, f, x, v, third_derivative_sup(R) * dual_norm(f) ** 2),
    "third-variation": (R, s, f, f, g, x, v),
    "third-variation-transport": (R, s, f, x, v),
    "force-gradient": (S, R, f, g),
    "bregman-transport-back": (S, R, f),
    "lipschitz": (b * score(X) + grad(u), x, y, v),
    "pointwise": (phi, x, v),
    "transport-inequality": (f,),
    "transport-optimal": (log_sobolev_constant(X), f),
    "transport-poincare": (X,),
    "hilbert-schmidt": (A, phi, psi),
    "curvature-lower": (phi, 1 + f),
    "hessian-square": (u, 1 + f),
    "entropy-integrals": (f,),
    "entropy-taylor-below": (f,),
    "slack-bounded": (S, monotonicity_slack(S) + a, f),
    "bakry-emery": (X,),
    "fisher-gibbs": (f, u),
    "gibbs-entropy": (f, u),
    "gibbs-perturbation": (f, u, a),
    "holley-stroock-gibbs": (u, a),
    "force-transport": (S, R, f),
    "force-variation": (S, R, f),
    "bregman-transport": (S, R, f),
    "bregman-dual": (S, R, f),
    "bregman-variation": (S, R, f),
    "bregman-convexity": (S, R, f),
    "third-order": (R, f),
    "exp-tangent": (-a,),
    "entropy-taylor": (f,),
    "hwi": (f,),
    "score-curvature": (phi, u),
    "weighted-divergence": (phi, u),
    "log-gradient": (f, phi),
    "commutation": (phi, u),
    "gradient-product": (u, w, phi),
    "symmetric-hessian": (u, phi, psi, w),
    "kernel-by-parts": (S, phi, u),
    "weighted-cauchy-schwarz": (phi, psi, one(X) + w**2),
    "division": (a * one(X) + w**2, phi, psi),
    "eigenfunction": (u,),
    "interaction-form": (S, f),
    "compact-interaction": (interaction_bottom(S) * poincare_constant(X), u, S),
    "poincare-optimal": (equilibrium_convexity(X) / 2, u),
    "weighted-poincare": (WEIGHT, u),
    "weighted-poincare-optimal": (weighted_convexity_constant(WEIGHT), WEIGHT, u),
    "weighted-convexity": (WEIGHT, u),
    "weighted-convexity-optimal": (weighted_convexity_constant(WEIGHT) / 2, WEIGHT, u),
    "convexity": (u, b, S),
    "convexity-optimal": (b * poincare_constant(X) / 2, u, b),
    "component-hoelder": (union_f, union_phi),
    "component-force": ((union_M,), (union_M.T,), union_f, payoff, other),
    "component-second-order": (union_R, union_f),
    "component-transport": (union_R, union_f),
    "log-pairing": (f,),
    "mean-value": (R, f, g),
    "slack-everywhere": (S, R, f, g),
    "at-equilibrium": (R, phi, f),
    "component-compact": (union_M, union_c, union_eta, a),
    "component-slack": (union_M, union_c, union_f),
    "component-difference": (union_R, union_f, union_g),
    "component-least": (union_c, union_f),
    "component-poincare": (union_f, union_eta, union_c, a),
}
PASSES = (Empirical.EXACT, Empirical.CERTIFIED, Empirical.SAMPLED)
FACTS = {fact.label: fact for fact in LIBRARY}
TINY = evolve(PROFILES["quick"], name="tiny", batch_size=60, exact=2, certified=1, trajectories=2)


def test_every_fact_is_examined():
    # those about time, on explicit solutions: test_time_facts.py, test_hypercontractivity.py
    assert set(FACTS) == set(ARGUMENTS) | {
        "gronwall", "barrier", "bernoulli", "forced-decay",
        "gronwall-from", "gronwall-below", "exponential", "decreasing", "hypercontractive",
    }  # fmt: skip


@pytest.mark.parametrize("fact", LIBRARY, ids=lambda fact: fact.label)
def test_citations_are_literature(fact):
    assert fact.title
    assert fact.citation
    assert not re.search(r"\.md|section 0|this paper", fact.citation)


@pytest.mark.parametrize("label", ARGUMENTS)
def test_a_fact_holds_on_instances(label):
    content = FACTS[label](*ARGUMENTS[label]).content
    premises = [premise.claim for premise in content.premises if label != "supremum"]
    given = [p for p in premises if p.lhs != p.rhs]
    for number, claim in enumerate(content.conclusions):
        step = Statement("fact", "an instance", given=given).step(str(number), claim)
        assert not speaks_of_time(claim)
        found = examine_instances(step, TINY, 0)
        # where both sides are equal a ball can only straddle; some family must see more than that
        assert overall(found) is not Empirical.REFUTED
        assert any(item.instances for item in found if item.verdict in PASSES)
