"""Several species: the differential inequalities (5.5), for each number of species.

The general form of Remark 5.1: species i has temperature tau_i, timescale eta_i, and its share w_i
of the slack, lambda_i = lambda w_i.  Payoffs are affine in the measures, so that all R_i vanish.
X = sum X_i / eta_i, Y = sum Y_i, D = sum eta_i D_i.
"""

from attrs import evolve, frozen

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    Substitution,
    Term,
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
    Statement,
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
class Species:
    """n species with payoffs M_ij, and the sums that the proofs are about."""

    n: int
    spaces: tuple[Space, ...]
    f: tuple[FunctionSymbol, ...]
    M: tuple[tuple[KernelSymbol, ...], ...]
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
    def operators(self) -> tuple[KernelSymbol, ...]:
        """All payoffs, by rows"""
        return tuple(operator for row in self.M for operator in row)

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

    @property
    def excess(self) -> tuple[Term, ...]:
        """a_i = tau_i - lambda_i"""
        return tuple(t - lam * w for t, w in zip(self.tau, self.weight, strict=True))

    @property
    def dissipation(self) -> Term:
        """A = sum a_i Y_i"""
        return total(a * chi2(f) for a, f in zip(self.excess, self.f, strict=True))

    @property
    def heat(self) -> Term:
        """B = sum eta_i tau_i D_i"""
        each = zip(self.tau, self.eta, self.f, strict=True)
        return total(t * e * norm(grad(f)) ** 2 for t, e, f in each)


def species(n: int) -> Species:
    """Symbols and flow of n species."""
    numbers = range(1, n + 1)
    spaces = tuple(Space(f"X{i}") for i in numbers)
    f = tuple(
        FunctionSymbol(f"f{i}", space, "perturbation")
        for i, space in zip(numbers, spaces, strict=True)
    )
    payoffs = tuple(
        tuple(
            KernelSymbol(f"M_{i}{j}", source=spaces[j - 1], target=spaces[i - 1]) for j in numbers
        )
        for i in numbers
    )
    tau = tuple(Parameter(f"tau_{i}", "positive") for i in numbers)
    eta = tuple(Parameter(f"eta_{i}", "positive") for i in numbers)
    weight = tuple(Parameter(f"w_{i}", "positive") for i in numbers)
    flow = Flow.of(
        f"{n} species",
        {
            f[i]: eta[i]
            * (
                -tau[i] * generator(f[i])
                - total(
                    generator(payoffs[i][j](f[j])) + grad_adjoint(f[i] * grad(payoffs[i][j](f[j])))
                    for j in range(n)
                )
            )
            for i in range(n)
        },
    )
    return Species(n, spaces, f, payoffs, tau, eta, weight, flow)


def inequalities(s: Species) -> Statement:
    """(5.5) for n species, with (5.6): K is the norm of the matrix of all mixed bounds."""
    n, f, eta = s.n, s.f, s.eta
    size = [
        [sqrt(eta[i] * eta[j]) * mixed_derivative_sup(s.M[i][j]) for j in range(n)]
        for i in range(n)
    ]
    weights = dict(zip(s.spaces, s.weight, strict=True))
    least = monotonicity_slack(*s.operators, weights=weights)
    result = Statement(
        f"eq-5.5[n={n}]",
        f"Differential inequalities for {n} species"
        if n > 1
        else "Differential inequalities for one species",
        kind="lemma",
        given=[
            least <= lam,
            spectral_norm(*size) <= K,
            *(
                alpha <= e * poincare_constant(space)
                for e, space in zip(eta, s.spaces, strict=True)
            ),
        ],
        source="(5.5), (5.6) and Remark 5.1; payoffs affine in the measures",
    )
    root = [dual_norm(f[j]) / sqrt(eta[j]) for j in range(n)]
    rows = [total(size[i][j] * root[j] for j in range(n)) for i in range(n)]
    slopes = [
        [
            lemma_3_9.at({M: s.M[i][j], g: f[j], K: mixed_derivative_sup(s.M[i][j])})
            for j in range(n)
        ]
        for i in range(n)
    ]
    pushes = [
        result.step(
            f"row-{i + 1}",
            rows[i] <= K * sqrt(s.dual),
            because=[matrix_bound(size, root)],
        )
        for i in range(n)
    ]

    # first line
    form = total(inner(f[i], s.M[i][j](f[j])) for i in range(n) for j in range(n))
    errors = [
        [
            inner(f[i], inverse_generator(grad_adjoint(f[i] * grad(s.M[i][j](f[j])))))
            for j in range(n)
        ]
        for i in range(n)
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
    monotone = result.step(
        "5.2",
        -lam * total(w * chi2(h) for w, h in zip(s.weight, f, strict=True)) <= form,
        because=[slack(s.operators, f, weights)],
    )
    bounded = []
    for i in range(n):
        single = [
            result.step(
                f"error-{i + 1}{j + 1}",
                abs(errors[i][j]) <= root[i] * norm(f[i]) * size[i][j] * root[j],
                because=[
                    dual_cauchy_schwarz(f[i], grad_adjoint(f[i] * grad(s.M[i][j](f[j])))),
                    projection(f[i] * grad(s.M[i][j](f[j]))),
                    hoelder(f[i], grad(s.M[i][j](f[j]))),
                    slopes[i][j],
                ],
            )
            for j in range(n)
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
        s.flow.derivative(s.dual) <= -2 * s.dissipation + 2 * K * s.dual * sqrt(s.chi2),
        because=[derivative, monotone, summed],
    )

    # second line
    steep = [norm(grad(h)) * sqrt(e) for h, e in zip(f, eta, strict=True)]
    drifts = [
        [inner(grad(f[i]), (1 + f[i]) * grad(s.M[i][j](f[j]))) for j in range(n)] for i in range(n)
    ]
    growth = result.step(
        "chi2-derivative",
        equation(
            s.flow.derivative(s.chi2),
            -2 * s.heat - 2 * total(e * d for e, row in zip(eta, drifts, strict=True) for d in row),
        ),
    )
    drift_bounds = []
    for i in range(n):
        single = [
            result.step(
                f"drift-{i + 1}{j + 1}",
                eta[i] * abs(drifts[i][j])
                <= steep[i] * sqrt(1 + chi2(f[i])) * size[i][j] * root[j],
                because=[
                    cauchy_schwarz(grad(f[i]), (1 + f[i]) * grad(s.M[i][j](f[j]))),
                    hoelder(1 + f[i], grad(s.M[i][j](f[j]))),
                    slopes[i][j],
                ],
            )
            for j in range(n)
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


families = {n: species(n) for n in (1, 2, 3)}
inequality = {n: inequalities(s) for n, s in families.items()}
