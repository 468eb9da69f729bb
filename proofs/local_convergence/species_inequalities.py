"""Several species: the differential inequalities (5.5) with the constants (5.6)."""

from collections.abc import Mapping, Sequence

from mflverify.expr import (
    Parameter,
    Relation,
    Term,
    chi2,
    equation,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    poincare_constant,
    sqrt,
)
from mflverify.proof import (
    Application,
    Statement,
    Step,
    finite_cauchy_schwarz,
    matrix_bound,
    poincare,
    poincare_dual,
    slack,
)

from . import coupling as c
from . import notation as named
from .coupling import SIZES, squares, total
from .notation import K, alpha, lam
from .species import Payoff, Species, species


def pair(s: Species, i: int, p: Payoff) -> Application:
    """What payoff p does to species i, with its own bound."""
    images = {
        named.M: p.operator,
        named.f: s.f[i],
        named.g: s.f[p.key],
        K: mixed_derivative_sup(p.operator),
    }
    return c.coupling.at(images)


def errors_of(s: Species, i: int) -> Term:
    """What the product f_i grad M_ij f_j adds to the derivative of the dual norm of species i."""
    forces = (grad_adjoint(s.f[i] * grad(p(s.f[p.key]))) for p in s.payoffs[i])
    return total(inner(s.f[i], inverse_generator(force)) for force in forces)


def drifts_of(s: Species, i: int) -> Term:
    """What the forces add to the derivative of chi2 of species i."""
    return total(inner(grad(s.f[i]), (1 + s.f[i]) * grad(p(s.f[p.key]))) for p in s.payoffs[i])


def inequalities(
    s: Species,
    label: str,
    given: Sequence[Relation],
    slack_of: Term | None,
    over: Statement,
    players: Statement | None = None,
) -> Statement:
    """(5.5) and (5.6): K is the norm of the matrix of all mixed bounds.

    given: what is assumed of the slack, which is at most `slack_of` (None: there is none).
    over: the sums over so many species; players: those when none acts on itself.
    """
    n, f, eta = s.n, s.f, s.eta
    result = Statement(
        label,
        f"Differential inequalities for {n} species" if n > 1 else "One species",
        kind="lemma",
        given=[
            *given,
            s.coupling <= K,
            *(alpha <= e * poincare_constant(x) for e, x in zip(eta, s.spaces, strict=True)),
        ],
        source="(5.5), (5.6) and Remark 5.1; payoffs affine in the measures",
    )
    numbers = {name: c.numbers(name, n) for name in "pzdu"}
    sizes = {"p": s.root, "z": [norm(h) for h in f], "d": s.steep, "u": s.rows}
    images = {
        symbol: image
        for name, symbols in numbers.items()
        for symbol, image in zip(symbols, sizes[name], strict=True)
    }
    summed = over.at({**images, c.size: s.coupling * sqrt(s.dual)})
    whole = matrix_bound(s.size, s.root)

    # first line
    errors = [errors_of(s, i) for i in range(n)]
    derivative = result.step(
        "dual-derivative",
        equation(
            s.flow.derivative(s.dual),
            -2 * total(t * chi2(h) for t, h in zip(s.tau, f, strict=True))
            - 2 * s.form
            - 2 * total(errors),
        ),
    )
    monotone = _monotone(result, s)
    bounds: list[Step | Application] = [
        result.step(
            f"errors-{i + 1}",
            -errors[i] <= s.root[i] * norm(f[i]) * s.rows[i],
            because=[pair(s, i, p) for p in s.payoffs[i]],
        )
        for i in range(n)
    ]
    if players is None:
        size, reasons = s.coupling, [*bounds, whole, summed]
    else:
        size, reasons = K, [*bounds, *_rows(result, s, images, players)]
    error = result.conclude(
        "errors", -total(errors) <= s.gain * size * s.dual * sqrt(s.chi2), because=reasons
    )
    result.conclude(
        "5.5-dual",
        s.flow.derivative(s.dual)
        <= -2 * s.dissipation(slack_of) + 2 * s.gain * K * s.dual * sqrt(s.chi2),
        because=[derivative, monotone, error],
    )

    # second line
    drifts = [drifts_of(s, i) for i in range(n)]
    growth = result.step(
        "chi2-derivative",
        equation(
            s.flow.derivative(s.chi2),
            -2 * s.heat - 2 * total(e * d for e, d in zip(eta, drifts, strict=True)),
        ),
    )
    pushes = [
        result.step(
            f"drifts-{i + 1}",
            -eta[i] * drifts[i] <= s.steep[i] * sqrt(1 + chi2(f[i])) * s.rows[i],
            because=[pair(s, i, p) for p in s.payoffs[i]],
        )
        for i in range(n)
    ]
    drift = result.conclude(
        "drifts",
        -total(e * d for e, d in zip(eta, drifts, strict=True))
        <= s.coupling * sqrt(s.dirichlet) * sqrt(s.dual) * sqrt(1 + s.chi2),
        because=[*pushes, whole, summed],
    )
    result.conclude(
        "5.5-chi2",
        s.flow.derivative(s.chi2)
        <= -2 * s.heat + 2 * K * sqrt(s.dirichlet) * sqrt(s.dual) * sqrt(1 + s.chi2),
        because=[growth, drift],
    )

    # Poincaré
    result.conclude("gap-dual", alpha * s.dual <= s.chi2, because=[poincare_dual(h) for h in f])
    result.conclude("gap-chi2", alpha * s.chi2 <= s.dirichlet, because=[poincare(h) for h in f])
    return result


def _rows(
    result: Statement, s: Species, images: Mapping[Parameter, Term], players: Statement
) -> list[Step | Application]:
    """What bounds the errors when no species acts on itself."""
    whole = matrix_bound(s.size, s.root)
    steps = [
        result.step(
            f"row-{i + 1}",
            row**2 <= K**2 * squares(c.others(s.root, i)),
            because=[whole, finite_cauchy_schwarz(c.others(s.size[i], i), c.others(s.root, i))],
        )
        for i, row in enumerate(s.rows)
    ]
    unused = c.numbers("d", s.n)
    known = {symbol: image for symbol, image in images.items() if symbol not in unused}
    return [*steps, whole, players.at({**known, c.strength: K, c.b: s.coupling**2 * s.dual})]


def _monotone(result: Statement, s: Species) -> Step:
    """(5.2): the quadratic form of all payoffs is bounded below, or vanishes."""
    if any(p.sign < 0 for row in s.payoffs for p in row):
        return result.conclude(
            "5.2", equation(s.form, 0), note="payoffs of a pair cancel: a polymatrix game"
        )
    return result.conclude(
        "5.2",
        -lam * total(w * chi2(h) for w, h in zip(s.weight, s.f, strict=True)) <= s.form,
        because=[slack(s.operators, s.f, s.weight)],
    )


def monotone_species(n: int, over: Statement) -> tuple[Species, Statement]:
    """n species with any payoffs whose slack is at most lambda, and their inequalities."""
    s = species(n)
    weights = dict(zip(s.spaces, s.weight, strict=True))
    given = [monotonicity_slack(*s.operators, weights=weights) <= lam]
    return s, inequalities(s, f"eq-5.5[n={n}]", given, lam, over)


def polymatrix_game(n: int, over: Statement, players: Statement) -> tuple[Species, Statement]:
    """n players of a polymatrix zero-sum game, and their inequalities."""
    s = species(n, antisymmetric=True)
    return s, inequalities(s, f"eq-5.5-game[n={n}]", [K > 0], None, over, players)


pairs = {n: monotone_species(n, c.over_species[n]) for n in SIZES}
families = {n: s for n, (s, _) in pairs.items()}
inequality = {n: statement for n, (_, statement) in pairs.items()}
players = {n: polymatrix_game(n, c.over_species[n], over) for n, over in c.over_players.items()}
games = {n: s for n, (s, _) in players.items()}
game_inequality = {n: statement for n, (_, statement) in players.items()}
