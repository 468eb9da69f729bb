"""Remark 5.1 for every number of species: own temperatures, timescales and shares of the slack.

tau, eta and w are one number for each species: functions that are constant on each component of the
union.  As in the statements for one n, X = sum X_i / eta_i, D = sum eta_i D_i, and the slack of
species i is lambda w_i.
"""

from collections.abc import Sequence
from fractions import Fraction

from mflverify.expr import (
    Flow,
    Relation,
    SpeciesConstant,
    Term,
    at_time,
    chi2,
    component_sup,
    dual_norm,
    equation,
    exp,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    least,
    mixed_norm,
    monotonicity_slack,
    norm,
    one,
    shifted_slack,
    species_gap,
    sqrt,
)
from mflverify.proof import (
    Application,
    Statement,
    cauchy_schwarz,
    component_compact,
    component_force,
    component_hoelder,
    component_least,
    component_poincare,
    component_slack,
    dual_cauchy_schwarz,
    projection,
    slack,
)

from . import lemma_weighted as q
from .all_species import M, M_ij, X, f, f_j, one_payoff
from .notation import K, alpha, eps, lam, t

tau = SpeciesConstant("tau", X, "positive")
eta = SpeciesConstant("eta", X, "positive")
w = SpeciesConstant("w", X, "positive")
root = eta ** Fraction(1, 2)
gap = species_gap(X)
flow = Flow.of(
    "all species with own timescales",
    {f: eta * (-(tau * generator(f)) - grad_adjoint((1 + f) * grad(M(f))))},
)
scaled = f / root
dual = dual_norm(scaled) ** 2
dirichlet = norm(root * grad(f)) ** 2
force = root * grad(M(f))
heat = inner(tau * root * grad(f), root * grad(f))

lines = Statement(
    "eq-5.5-weights",
    "Differential inequalities with own temperatures and timescales",
    kind="lemma",
    given=[mixed_norm(M, weight=root) <= K, alpha <= least(eta * gap)],
    source="(5.5), (5.6) and Remark 5.1 before (5.2) is used, for every number of species",
)
bound = lines.step(
    "3.9",
    component_sup(force) <= K * dual_norm(scaled),
    because=[one_payoff, component_force((M,), (), f, M_ij, f_j, root)],
)
error = inner(f, inverse_generator(grad_adjoint(f * grad(M(f)))))
small = lines.step(
    "error",
    abs(error) <= K * dual * norm(f),
    because=[
        dual_cauchy_schwarz(scaled, grad_adjoint(f * force)),
        projection(f * force),
        component_hoelder(f, force),
        bound,
    ],
)
derivative = lines.step(
    "dual-derivative",
    equation(flow.derivative(dual), -2 * inner(tau * f, f) - 2 * inner(f, M(f)) - 2 * error),
)
lines.conclude(
    "dual",
    flow.derivative(dual) <= -2 * inner(tau * f, f) - 2 * inner(f, M(f)) + 2 * K * dual * norm(f),
    because=[derivative, small],
)
drift = inner(root * grad(f), (1 + f) * force)
pushed = lines.step(
    "drift",
    abs(drift) <= K * norm(root * grad(f)) * sqrt(1 + chi2(f)) * dual_norm(scaled),
    because=[
        cauchy_schwarz(root * grad(f), (1 + f) * force),
        component_hoelder(f, force),
        bound,
    ],
)
growth = lines.step("chi2-derivative", equation(flow.derivative(chi2(f)), -2 * heat - 2 * drift))
lines.conclude(
    "5.5-chi2",
    flow.derivative(chi2(f))
    <= -2 * heat + 2 * K * norm(root * grad(f)) * dual_norm(scaled) * sqrt(1 + chi2(f)),
    because=[growth, pushed],
)
lines.conclude(
    "gap-dual",
    alpha * dual <= chi2(f),
    because=[component_least(eta * gap, scaled), component_poincare(f, one(X))],
)
lines.conclude(
    "gap-chi2",
    alpha * chi2(f) <= dirichlet,
    because=[component_least(eta * gap, f), component_poincare(f, eta)],
)

r = q.r


def remark(
    label: str,
    title: str,
    given: Sequence[Relation],
    own: Term,
    bounded: Application,
    positive: Sequence[Application] = (),
) -> Statement:
    """Remark 5.1 with the slacks `own` of the species, which `bounded` says of M.

    positive: why they are not negative, where that is not visible.
    """
    a = tau - own
    dissipation = inner(a * f, f)
    result = Statement(
        label,
        title,
        kind="remark",
        given=[
            *given,
            *lines.given,
            eps < least(a),
            r <= least(eta * gap * (a - eps)),
            4 * K**2 * at_time(chi2(f), 0) <= alpha**2 * eps**2,
        ],
        source="Remark 5.1 (a) to (c), for every number of species",
    )
    monotone = result.conclude("5.2", -inner(own * f, f) <= inner(f, M(f)), because=[bounded])
    dual_line = result.conclude(
        "5.5-dual",
        flow.derivative(dual) <= -2 * dissipation + 2 * K * dual * norm(f),
        because=[lines, monotone],
    )
    initial = result.step("initial", 4 * K**2 * at_time(dual, 0) <= alpha * eps**2, because=[lines])
    room = result.step(
        "room",
        (r + alpha * eps / 2) * dual + eps / 2 * chi2(f) <= dissipation,
        because=[
            lines,
            component_least(eta * gap * (a - eps), scaled),
            component_poincare(f, one(X), a, eps),
        ],
    )
    warm = result.step(
        "heat",
        eps / 2 * dirichlet + r * chi2(f) <= heat,
        because=[
            component_least(eta * gap * (a - eps), f),
            component_poincare(f, eta, a, eps),
            *positive,
        ],
    )
    closing = q.lemma.at(
        {
            q.X: dual,
            q.Y: chi2(f),
            q.D: dirichlet,
            q.A: dissipation,
            q.B: heat,
            q.K1: K,
            q.K2: K,
        },
        {q.flow: flow},
    )
    because = [lines, dual_line, initial, room, warm, closing]
    result.conclude(
        "dual-decay",
        at_time(dual, t) <= exp(-(2 * r + alpha * eps) * t) * at_time(dual, 0),
        because=because,
    )
    result.conclude(
        "chi2-decay",
        at_time(chi2(f), t)
        <= (1 + 2 * K**2 / (alpha**2 * eps**2)) * exp(-2 * r * t) * at_time(chi2(f), 0),
        because=because,
    )
    return result


shares = remark(
    "rem-5.1",
    "Own temperatures, timescales and slacks",
    [monotonicity_slack(M, weights={X: w}) <= lam],
    lam * w,
    slack((M,), (f,), (w,)),
)
# the slack of species i is s_i + lambda, with s_i of any sign; since M is compact it is not negative
s = SpeciesConstant("s", X)
signed = remark(
    "rem-5.1-signed",
    "Own temperatures, timescales and slacks, whatever their signs",
    [shifted_slack(M, s) <= lam],
    s + lam,
    component_slack(M, s, f),
    [component_compact(M, s, eta, alpha), component_least(s, root * grad(f))],
)
