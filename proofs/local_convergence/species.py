"""n species: their spaces, payoffs and flow, for each number of species.

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
    Transpose,
    as_term,
    chi2,
    dual_norm,
    generator,
    grad,
    grad_adjoint,
    inner,
    mixed_derivative_sup,
    norm,
    spectral_norm,
    sqrt,
)

from .coupling import total


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
    def coupling(self) -> Term:
        """The spectral norm of the matrix of all mixed bounds"""
        return spectral_norm(*self.size)

    @property
    def gain(self) -> Term:
        """What the first line of (5.5) gains when no species acts on itself; 1 otherwise"""
        own = any(p.key == i for i, row in enumerate(self.payoffs) for p in row)
        return as_term(1) if own else 1 / sqrt(2)

    @property
    def root(self) -> tuple[Term, ...]:
        """||f_i||_{-1} / sqrt(eta_i): the squares add up to X"""
        return tuple(dual_norm(f) / sqrt(e) for f, e in zip(self.f, self.eta, strict=True))

    @property
    def steep(self) -> tuple[Term, ...]:
        """sqrt(eta_i) ||grad f_i||: the squares add up to D"""
        return tuple(sqrt(e) * norm(grad(f)) for f, e in zip(self.f, self.eta, strict=True))

    @property
    def rows(self) -> tuple[Term, ...]:
        """What bounds the force on each species: the matrix of all mixed bounds times `root`"""
        return tuple(
            total(row[p.key] * self.root[p.key] for p in payoffs)
            for row, payoffs in zip(self.size, self.payoffs, strict=True)
        )

    @property
    def form(self) -> Term:
        """sum <f_i, M_ij f_j>, the form of (5.2)"""
        return total(
            inner(f, p(self.f[p.key]))
            for f, row in zip(self.f, self.payoffs, strict=True)
            for p in row
        )

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
