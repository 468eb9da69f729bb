"""Several species: the differential inequalities (5.5), for each number of species.

The general form of Remark 5.1: species i has temperature tau_i, timescale eta_i, and its share w_i
of the slack, lambda_i = lambda w_i.  Payoffs are affine in the measures, so that all R_i vanish.
X = sum X_i / eta_i, Y = sum Y_i, D = sum eta_i D_i.
"""

from collections.abc import Sequence

from attrs import evolve, frozen

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Relation,
    Space,
    Substitution,
    Term,
    Transpose,
    as_term,
    chi2,
    dual_norm,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    poincare_constant,
    spectral_norm,
    sqrt,
)
from mflverify.proof import (
    Application,
    Statement,
    Step,
    cauchy_schwarz,
    dual_cauchy_schwarz,
    finite_cauchy_schwarz,
    hoelder,
    matrix_bound,
    poincare,
    poincare_dual,
    projection,
    slack,
)

from .lemma_3_9 import lemma_3_9
from .notation import K, M, alpha, g, lam


def total(terms) -> Term:
    """The sum of one or more terms."""
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


@frozen
class Payoff:
    """sign times the operator by which species j acts on species i; `key` is j."""

    key: int
    sign: int
    operator: KernelSymbol | Transpose

    def __call__(self, u: Term) -> Term:
        return self.operator(u) if self.sign == 1 else -self.operator(u)


@frozen
class Species:
    """n species with their payoffs, and the sums that the proofs are about.

    payoffs: those that act on each species.
    """

    n: int
    spaces: tuple[Space, ...]
    f: tuple[FunctionSymbol, ...]
    payoffs: tuple[tuple[Payoff, ...], ...]
    tau: tuple[Term, ...]
    eta: tuple[Term, ...]
    weight: tuple[Term, ...]
    flow: Flow

    def at(self, images: dict[Term, Term]) -> "Species":
        """The same species with constants replaced, the flow included."""
        put = Substitution.of(images)
        return evolve(
            self,
            tau=tuple(put(x) for x in self.tau),
            eta=tuple(put(x) for x in self.eta),
            weight=tuple(put(x) for x in self.weight),
            flow=put(self.flow),
        )

    @property
    def operators(self) -> tuple[Term, ...]:
        """All operators, without signs"""
        return tuple(p.operator for row in self.payoffs for p in row)

    @property
    def size(self) -> tuple[tuple[Term, ...], ...]:
        """sqrt(eta_i eta_j) K_ij, the matrix of all mixed bounds"""
        rows: list[tuple[Term, ...]] = []
        for i, row in enumerate(self.payoffs):
            known = {p.key: mixed_derivative_sup(p.operator) for p in row}
            rows.append(
                tuple(
                    sqrt(self.eta[i] * self.eta[j]) * known[j] if j in known else as_term(0)
                    for j in range(self.n)
                )
            )
        return tuple(rows)

    @property
    def dual(self) -> Term:
        """X"""
        return total(dual_norm(f) ** 2 / e for f, e in zip(self.f, self.eta, strict=True))

    @property
    def chi2(self) -> Term:
        """Y"""
        return total(chi2(f) for f in self.f)

    @property
    def dirichlet(self) -> Term:
        """D"""
        return total(e * norm(grad(f)) ** 2 for f, e in zip(self.f, self.eta, strict=True))

    def dissipation(self, slack_of: Term | None) -> Term:
        """A = sum (tau_i - lambda w_i) Y_i; without a slack, sum tau_i Y_i"""
        each = zip(self.tau, self.weight, self.f, strict=True)
        return total((t if slack_of is None else t - slack_of * w) * chi2(f) for t, w, f in each)

    @property
    def heat(self) -> Term:
        """B = sum eta_i tau_i D_i"""
        each = zip(self.tau, self.eta, self.f, strict=True)
        return total(t * e * norm(grad(f)) ** 2 for t, e, f in each)


def species(n: int, *, antisymmetric: bool = False) -> Species:
    """Symbols and flow of n species; `antisymmetric`: a polymatrix game, M_ji = -M_ij^T."""
    numbers = range(1, n + 1)
    spaces = tuple(Space(f"X{i}") for i in numbers)
    f = tuple(
        FunctionSymbol(f"f{i}", space, "perturbation")
        for i, space in zip(numbers, spaces, strict=True)
    )
    M = {
        (i, j): KernelSymbol(f"M_{i + 1}{j + 1}", source=spaces[j], target=spaces[i])
        for i in range(n)
        for j in range(n)
        if not antisymmetric or i < j
    }

    def payoff(i: int, j: int) -> Payoff:
        return Payoff(j, 1, M[i, j]) if (i, j) in M else Payoff(j, -1, Transpose(M[j, i]))

    payoffs = tuple(
        tuple(payoff(i, j) for j in range(n) if not antisymmetric or i != j) for i in range(n)
    )
    tau = tuple(Parameter(f"tau_{i}", "positive") for i in numbers)
    eta = tuple(Parameter(f"eta_{i}", "positive") for i in numbers)
    weight = tuple(Parameter(f"w_{i}", "positive") for i in numbers)
    flow = Flow.of(
        f"{n} players" if antisymmetric else f"{n} species",
        {
            f[i]: eta[i]
            * (
                -tau[i] * generator(f[i])
                - total(
                    generator(p(f[p.key])) + grad_adjoint(f[i] * grad(p(f[p.key])))
                    for p in payoffs[i]
                )
            )
            for i in range(n)
        },
    )
    return Species(n, spaces, f, payoffs, tau, eta, weight, flow)


def inequalities(
    s: Species, label: str, given: Sequence[Relation], slack_of: Term | None
) -> Statement:
    """(5.5) and (5.6): K is the norm of the matrix of all mixed bounds.

    given: what is assumed of the slack, which is at most `slack_of` (None: there is none).
    """
    n, f, eta, size = s.n, s.f, s.eta, s.size
    result = Statement(
        label,
        f"Differential inequalities for {n} species" if n > 1 else "One species",
        kind="lemma",
        given=[
            *given,
            spectral_norm(*size) <= K,
            *(alpha <= e * poincare_constant(x) for e, x in zip(eta, s.spaces, strict=True)),
        ],
        source="(5.5), (5.6) and Remark 5.1; payoffs affine in the measures",
    )
    root = [dual_norm(f[j]) / sqrt(eta[j]) for j in range(n)]
    rows = [total(size[i][p.key] * root[p.key] for p in s.payoffs[i]) for i in range(n)]
    pushes = [
        result.step(f"row-{i + 1}", rows[i] <= K * sqrt(s.dual), because=[matrix_bound(size, root)])
        for i in range(n)
    ]

    # first line
    form = total(inner(f[i], p(f[p.key])) for i in range(n) for p in s.payoffs[i])
    errors = [
        [inner(f[i], inverse_generator(grad_adjoint(f[i] * grad(p(f[p.key]))))) for p in row]
        for i, row in enumerate(s.payoffs)
    ]
    derivative = result.step(
        "dual-derivative",
        equation(
            s.flow.derivative(s.dual),
            -2 * total(t * chi2(h) for t, h in zip(s.tau, f, strict=True))
            - 2 * form
            - 2 * total(e for row in errors for e in row),
        ),
    )
    monotone = _monotone(result, s, form)
    bounded = []
    for i, row in enumerate(s.payoffs):
        single = [
            result.step(
                f"error-{i + 1}{p.key + 1}",
                abs(error) <= root[i] * norm(f[i]) * size[i][p.key] * root[p.key],
                because=[
                    dual_cauchy_schwarz(f[i], grad_adjoint(f[i] * grad(p.operator(f[p.key])))),
                    projection(f[i] * grad(p.operator(f[p.key]))),
                    hoelder(f[i], grad(p.operator(f[p.key]))),
                    slope(p, f[p.key]),
                ],
            )
            for p, error in zip(row, errors[i], strict=True)
        ]
        bounded.append(
            result.step(
                f"errors-{i + 1}",
                -total(errors[i]) <= K * sqrt(s.dual) * root[i] * norm(f[i]),
                because=[*single, pushes[i]],
            )
        )
    paired = []
    if n > 1:  # for one species the two sides are the same
        paired.append(
            result.step(
                "paired",
                total(root[i] * norm(f[i]) for i in range(n)) <= sqrt(s.dual) * sqrt(s.chi2),
                because=[finite_cauchy_schwarz(root, [norm(h) for h in f])],
            )
        )
    together = result.step(
        "errors-sum",
        -total(e for row in errors for e in row)
        <= K * sqrt(s.dual) * total(root[i] * norm(f[i]) for i in range(n)),
        because=bounded,
    )
    summed = result.step(
        "errors",
        -total(e for row in errors for e in row) <= K * s.dual * sqrt(s.chi2),
        because=[together, *paired],
    )
    result.conclude(
        "5.5-dual",
        s.flow.derivative(s.dual) <= -2 * s.dissipation(slack_of) + 2 * K * s.dual * sqrt(s.chi2),
        because=[derivative, monotone, summed],
    )

    # second line
    steep = [norm(grad(h)) * sqrt(e) for h, e in zip(f, eta, strict=True)]
    drifts = [
        [inner(grad(f[i]), (1 + f[i]) * grad(p(f[p.key]))) for p in row]
        for i, row in enumerate(s.payoffs)
    ]
    growth = result.step(
        "chi2-derivative",
        equation(
            s.flow.derivative(s.chi2),
            -2 * s.heat - 2 * total(e * d for e, row in zip(eta, drifts, strict=True) for d in row),
        ),
    )
    drift_bounds = []
    for i, row in enumerate(s.payoffs):
        single = [
            result.step(
                f"drift-{i + 1}{p.key + 1}",
                eta[i] * abs(drift)
                <= steep[i] * sqrt(1 + chi2(f[i])) * size[i][p.key] * root[p.key],
                because=[
                    cauchy_schwarz(grad(f[i]), (1 + f[i]) * grad(p.operator(f[p.key]))),
                    hoelder(1 + f[i], grad(p.operator(f[p.key]))),
                    slope(p, f[p.key]),
                ],
            )
            for p, drift in zip(row, drifts[i], strict=True)
        ]
        drift_bounds.append(
            result.step(
                f"drifts-{i + 1}",
                -eta[i] * total(drifts[i]) <= steep[i] * sqrt(1 + chi2(f[i])) * rows[i],
                because=single,
            )
        )
    whole = result.step(
        "rows",
        total(row**2 for row in rows) <= K**2 * s.dual,
        because=[matrix_bound(size, root)],
    )
    weighted = [
        result.step(
            f"row-{i + 1}-weighted",
            chi2(f[i]) * rows[i] ** 2 <= chi2(f[i]) * K**2 * s.dual,
            because=[pushes[i]],
        )
        for i in range(n)
    ]
    spread = [sqrt(1 + chi2(f[i])) * rows[i] for i in range(n)]
    gathered = result.step(
        "gather",
        total(u**2 for u in spread) <= K**2 * s.dual * (1 + s.chi2),
        because=[whole, *weighted],
    )
    pushed = total(d * u for d, u in zip(steep, spread, strict=True))
    squared = result.step(
        "join-squared",
        pushed**2 <= K**2 * s.dirichlet * s.dual * (1 + s.chi2),
        because=[finite_cauchy_schwarz(steep, spread), gathered],
    )
    joined = result.step(
        "join",
        pushed <= K * sqrt(s.dirichlet) * sqrt(s.dual) * sqrt(1 + s.chi2),
        because=[squared],
    )
    result.conclude(
        "5.5-chi2",
        s.flow.derivative(s.chi2)
        <= -2 * s.heat + 2 * K * sqrt(s.dirichlet) * sqrt(s.dual) * sqrt(1 + s.chi2),
        because=[growth, *drift_bounds, joined],
    )

    # Poincaré
    result.conclude("gap-dual", alpha * s.dual <= s.chi2, because=[poincare_dual(h) for h in f])
    result.conclude("gap-chi2", alpha * s.chi2 <= s.dirichlet, because=[poincare(h) for h in f])
    return result


def slope(p: Payoff, u: Term) -> Application:
    """Lemma 3.9 for one payoff, with its own bound."""
    return lemma_3_9.at({M: p.operator, g: u, K: mixed_derivative_sup(p.operator)})


def _monotone(result: Statement, s: Species, form: Term) -> Step:
    """(5.2): the quadratic form of all payoffs is bounded below, or vanishes."""
    if any(p.sign < 0 for row in s.payoffs for p in row):
        return result.step(
            "5.2", equation(form, 0), note="payoffs of a pair cancel: a polymatrix game"
        )
    return result.step(
        "5.2",
        -lam * total(w * chi2(h) for w, h in zip(s.weight, s.f, strict=True)) <= form,
        because=[slack(s.operators, s.f, s.weight)],
    )


def monotone_species(n: int) -> tuple[Species, Statement]:
    """n species with any payoffs whose slack is at most lambda, and their inequalities."""
    s = species(n)
    weights = dict(zip(s.spaces, s.weight, strict=True))
    given = [monotonicity_slack(*s.operators, weights=weights) <= lam]
    return s, inequalities(s, f"eq-5.5[n={n}]", given, lam)


def polymatrix_game(n: int) -> tuple[Species, Statement]:
    """n players of a polymatrix zero-sum game, and their inequalities."""
    s = species(n, antisymmetric=True)
    return s, inequalities(s, f"eq-5.5-game[n={n}]", [], None)


pairs = {n: monotone_species(n) for n in (1, 2)}
families = {n: s for n, (s, _) in pairs.items()}
inequality = {n: statement for n, (_, statement) in pairs.items()}
players = {n: polymatrix_game(n) for n in (2,)}
games = {n: s for n, (s, _) in players.items()}
game_inequality = {n: statement for n, (_, statement) in players.items()}
