"""Section 5.2: global and local linear monotonicity, and what the payoffs are made of.

The forces are V_i[mu] = V_i[mu_bar] + sum_j M_ij f_j + R_i[mu].  Nothing here asks mu_bar to be
stationary: it may be any reference.
"""

from collections.abc import Sequence

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Term,
    dual_norm,
    equation,
    grad,
    inner,
    inverse_generator,
    monotonicity_slack,
    norm,
    one,
    sqrt,
)
from mflverify.proof import Statement, cauchy_schwarz, finite_cauchy_schwarz, hoelder, slack

from .coupling import squares, total
from .notation import T
from .species import Species
from .species_forces import Forces, general, lemma_5_4
from .species_inequalities import families


def linear(s: Species, i: int, states: Sequence[Term]) -> Term:
    """sum_j M_ij f_j: what is linear in the force on species i"""
    return total(p(states[p.key]) for p in s.payoffs[i])


def form(s: Species, states: Sequence[Term]) -> Term:
    """sum <f_i, M_ij f_j>, the form of (5.4)"""
    return total(inner(f, linear(s, i, states)) for i, f in enumerate(states))


def parts(n: int, s: Species) -> Statement:
    """Remark 5.2: only the symmetric part of the payoffs enters (5.2)."""
    back = {(i, p.key): p.operator for i, row in enumerate(s.payoffs) for p in row}
    pairs = [(i, j, s.f[i], s.f[j]) for i in range(n) for j in range(n)]
    symmetric = [inner(f, back[i, j](g) + back[j, i].T(g)) / 2 for i, j, f, g in pairs]
    skew = [inner(f, back[i, j](g) - back[j, i].T(g)) / 2 for i, j, f, g in pairs]
    result = Statement(
        f"rem-5.2[n={n}]",
        "Symmetric and antisymmetric parts of the payoffs",
        kind="remark",
        source="Remark 5.2: potential and Hamiltonian parts of a game",
    )
    result.conclude("symmetric", equation(s.form, total(symmetric)))
    result.conclude("antisymmetric", equation(total(skew), 0))
    result.conclude(
        "slack",
        equation(
            monotonicity_slack(*s.operators),
            monotonicity_slack(*(operator.T for operator in back.values())),
        ),
        note="the slack is that of the symmetric part",
    )
    return result


def affine(n: int, s: Species) -> Statement:
    """Remark 5.3 for affine forces: the global form of two states is the local one of their difference."""
    others = tuple(FunctionSymbol(f"g{i}", f.space, "perturbation") for i, f in enumerate(s.f, 1))
    steps = [f - g for f, g in zip(s.f, others, strict=True)]
    pairing = total(inner(steps[i], linear(s, i, s.f) - linear(s, i, others)) for i in range(n))
    result = Statement(
        f"rem-5.3[n={n}]",
        "Affine forces: global and local monotonicity are the same",
        kind="remark",
        source="Remark 5.3, where the intermediate value is the same at all points of the segment",
    )
    same = result.conclude("mean-value", equation(pairing, form(s, steps)))
    result.conclude(
        "5.3",
        -monotonicity_slack(*s.operators) * total(norm(h) ** 2 for h in steps) <= pairing,
        because=[same, slack(s.operators, steps)],
        note="never negative when (5.2) holds with lambda = 0",
    )
    return result


scale = Parameter("s", "positive")


def local(n: int, s: Forces) -> Statement:
    """Proposition 5.3: where (5.4) fails at f, (5.3) fails for mu_bar and (1 + s f) mu_bar.

    The form is of order s^2 and the remainders of order s^3, so that f may be any small multiple.
    """
    f, dual = s.linear.f, s.linear.dual
    beyond = [inner(h, R(*f)) for h, R in zip(f, s.beyond, strict=True)]
    result = Statement(
        f"prop-5.3[n={n}]",
        "Global monotonicity implies local monotonicity",
        kind="proposition",
        given=[s.size <= T, T * dual * sqrt(dual) < -2 * s.linear.form],
        source="Proposition 5.3: if (5.4) fails for f, then (5.3) fails for a pair of measures",
    )
    single = [
        result.step(
            f"beyond-{i + 1}",
            beyond[i] <= dual_norm(f[i]) * s.sizes[i] / 2 * dual,
            because=[
                cauchy_schwarz(grad(inverse_generator(f[i])), grad(R(*f))),
                hoelder(one(R.target), grad(R(*f))),
                lemma_5_4(n, s, i),
            ],
        )
        for i, R in enumerate(s.beyond)
    ]
    size = [dual_norm(h) for h in f]
    remainder = result.step(
        "beyond",
        total(beyond) <= s.size / 2 * dual * sqrt(dual),
        because=[*single, finite_cauchy_schwarz(size, s.sizes)],
    )
    result.conclude(
        "5.3-fails",
        total(inner(f[i], linear(s.linear, i, f) + R(*f)) for i, R in enumerate(s.beyond)) < 0,
        because=[remainder],
    )
    small = [scale * h for h in f]
    result.conclude("blow-up-form", equation(form(s.linear, small), scale**2 * s.linear.form))
    result.conclude("blow-up-size", equation(squares(dual_norm(h) for h in small), scale**2 * dual))
    return result


remark_5_2 = {n: parts(n, s) for n, s in families.items()}
remark_5_3 = {n: affine(n, s) for n, s in families.items()}
proposition_5_3 = {n: local(n, s) for n, s in general.items()}
