"""Theorem 5.2, Remark 5.1, polymatrix games and Corollary 4.2: linearly monotone flows.

The payoffs are affine in the measures.  Theorem 5.2 has one temperature and one timescale; Remark
5.1 lets each species have its own, and its own share of the slack.
"""

from collections.abc import Sequence

from mflverify.expr import (
    Parameter,
    Term,
    as_term,
    at_time,
    chi2,
    dual_norm,
    exp,
    grad,
    monotonicity_slack,
    norm,
    poincare_constant,
)
from mflverify.proof import Statement, poincare, poincare_dual

from . import lemma_q as q
from . import lemma_weighted as w
from .notation import K, alpha, eps, lam, t, tau
from .species import Species
from .species_inequalities import families, game_inequality, games, inequality


def one_temperature(
    label: str,
    title: str,
    general: Species,
    lines: Statement,
    slack_of: Term | None,
    timescales: Sequence[Term],
) -> Statement:
    """Theorem 5.2 with a given slack; and with timescales, Corollary 4.2."""
    plain = {
        **dict.fromkeys(general.tau, tau),
        **dict.fromkeys(general.weight, as_term(1)),
        **dict(zip(general.eta, timescales, strict=True)),
    }
    s = general.at(plain)
    a = tau if slack_of is None else tau - slack_of
    slack = [] if slack_of is None else [monotonicity_slack(*s.operators) <= slack_of]
    theorem = Statement(
        label,
        title,
        given=[
            *(alpha <= e * poincare_constant(x) for e, x in zip(s.eta, s.spaces, strict=True)),
            *slack,
            s.coupling <= K,
            *([] if slack_of is not None else [K > 0]),
            eps < a,
            K**2 * at_time(s.chi2, 0) <= alpha**2 * eps**2,
        ],
        source="Theorem 5.2 with the constants of (5.5), (5.6)",
    )
    here = lines.at(plain)
    initial = theorem.step("initial", K**2 * at_time(s.dual, 0) <= alpha * eps**2, because=[here])
    closing = q.lemma_q.at(
        {q.X: s.dual, q.Y: s.chi2, q.D: s.dirichlet, q.a: a, q.K1: s.gain * K, q.K2: K},
        {q.flow: s.flow},
    )
    because = [here, initial, closing]
    rate = 2 * alpha * (a - eps)
    theorem.conclude(
        "dual-decay",
        at_time(s.dual, t) <= exp(-rate * t) * at_time(s.dual, 0),
        because=because,
    )
    theorem.conclude(
        "chi2-decay",
        at_time(s.chi2, t)
        <= (1 + K**2 * a**2 / (2 * alpha**2 * eps**2 * (a - eps) ** 2))
        * exp(-rate * t)
        * at_time(s.chi2, 0),
        because=because,
    )
    return theorem


def own_temperatures(s: Species, lines: Statement) -> Statement:
    """Remark 5.1: rate 2 min eta_i alpha_i (tau_i - lambda_i - eps)."""
    each = list(zip(s.tau, s.eta, s.weight, s.spaces, strict=True))
    r = w.r
    remark = Statement(
        f"rem-5.1[n={s.n}]",
        "Own temperatures, timescales and slacks",
        kind="remark",
        given=[
            monotonicity_slack(*s.operators, weights=dict(zip(s.spaces, s.weight, strict=True)))
            <= lam,
            s.coupling <= K,
            *(alpha <= e * poincare_constant(space) for _, e, _, space in each),
            *(eps < T - lam * weight for T, _, weight, _ in each),
            *(
                r <= e * poincare_constant(space) * (T - lam * weight - eps)
                for T, e, weight, space in each
            ),
            4 * K**2 * at_time(s.chi2, 0) <= alpha**2 * eps**2,
        ],
        source="Remark 5.1 (a) to (c)",
    )
    initial = remark.step(
        "initial", 4 * K**2 * at_time(s.dual, 0) <= alpha * eps**2, because=[lines]
    )
    shares = [
        w.one_species.at(
            {
                w.x: dual_norm(f) ** 2,
                w.y: chi2(f),
                w.d: norm(grad(f)) ** 2,
                w.gap: poincare_constant(f.space),
                w.eta: e,
                w.a: T - lam * weight,
                tau: T,
            }
        )
        for f, (T, e, weight, _) in zip(s.f, each, strict=True)
    ]
    room = remark.step(
        "room",
        (r + alpha * eps / 2) * s.dual + eps / 2 * s.chi2 <= s.dissipation(lam),
        because=[*map(poincare_dual, s.f), *map(poincare, s.f), *shares],
    )
    heat = remark.step(
        "heat",
        eps / 2 * s.dirichlet + r * s.chi2 <= s.heat,
        because=[*map(poincare_dual, s.f), *map(poincare, s.f), *shares],
    )
    closing = w.lemma.at(
        {
            w.X: s.dual,
            w.Y: s.chi2,
            w.D: s.dirichlet,
            w.A: s.dissipation(lam),
            w.B: s.heat,
            w.K1: K,
            w.K2: K,
        },
        {w.flow: s.flow},
    )
    because = [lines, initial, room, heat, closing]
    remark.conclude(
        "dual-decay",
        at_time(s.dual, t) <= exp(-(2 * r + alpha * eps) * t) * at_time(s.dual, 0),
        because=because,
    )
    remark.conclude(
        "chi2-decay",
        at_time(s.chi2, t)
        <= (1 + 2 * K**2 / (alpha**2 * eps**2)) * exp(-2 * r * t) * at_time(s.chi2, 0),
        because=because,
    )
    return remark


theorem = {
    n: one_temperature(
        f"thm-5.2[n={n}]",
        "Local convergence of linearly monotone flows, one temperature",
        s,
        inequality[n],
        lam,
        [as_term(1)] * n,
    )
    for n, s in families.items()
}
remark = {n: own_temperatures(s, inequality[n]) for n, s in families.items()}
polymatrix = {
    n: one_temperature(
        f"polymatrix[n={n}]",
        "Local convergence in polymatrix zero-sum games",
        s,
        game_inequality[n],
        None,
        [as_term(1)] * n,
    )
    for n, s in games.items()
}
eta = Parameter("eta", "positive")
corollary = one_temperature(
    "cor-4.2",
    "Local convergence of descent-ascent with two timescales",
    games[2],
    game_inequality[2],
    None,
    [as_term(1), eta],
)
