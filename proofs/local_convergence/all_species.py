"""Section 5 for every number of species at once: (5.2), (5.5), (5.6), Theorem 5.2, polymatrix games.

n species are one field on the union of their spaces: f is (f_1, .., f_n), inner products and norms
are sums over the species, and M is the matrix of the operators M_ij.  So the flow is that of
section 3 with an operator that need not be symmetric.  K is the spectral norm of the matrix K_ij.
"""

from attrs import frozen

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Space,
    Term,
    at_time,
    chi2,
    component_sup,
    convexity_slack,
    dual_norm,
    equation,
    exp,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    mixed_norm,
    norm,
    poincare_constant,
    sqrt,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    component_force,
    component_hoelder,
    dual_cauchy_schwarz,
    poincare,
    poincare_dual,
    projection,
    slack,
)

from . import lemma_q as q
from . import notation as one
from .lemma_3_9 import lemma_3_9
from .notation import K, alpha, eps, lam, t, tau

X = Space("X", union=True)
f = FunctionSymbol("f", X, "perturbation")
M = KernelSymbol("M", X, X)

# any payoff of one species against another
X_i, X_j = Space("X_i"), Space("X_j")
f_j = FunctionSymbol("f_j", X_j, "perturbation")
M_ij = KernelSymbol("M_ij", source=X_j, target=X_i)
one_payoff = lemma_3_9.at({one.M: M_ij, one.g: f_j, K: mixed_derivative_sup(M_ij)})


@frozen
class Payoffs:
    """The payoffs of all species, the sum of `plus` less the sum of `minus`, and their flow."""

    plus: tuple[Term, ...]
    minus: tuple[Term, ...]

    @property
    def force(self) -> Term:
        """sum_j M_ij f_j on each species i"""
        image = M(f)
        return image - M.T(f) if self.minus else image

    @property
    def size(self) -> Term:
        """K"""
        return mixed_norm(*self.plus, *self.minus)

    def flow(self, name: str) -> Flow:
        """(5.1) for payoffs affine in the measures, at one temperature"""
        return Flow.of(name, {f: -tau * generator(f) - grad_adjoint((1 + f) * grad(self.force))})


any_payoffs = Payoffs((M,), ())
# opposite payoffs within each pair: every one is of this form, with M_ij = 0 unless i < j
zero_sum = Payoffs((M,), (M.T,))
flow = any_payoffs.flow("all species")
game_flow = zero_sum.flow("polymatrix game")


def forces(label: str, payoffs: Payoffs) -> Statement:
    """Lemma 3.9 for all species, against each of the two test functions."""
    force = payoffs.force
    result = Statement(
        label,
        "The forces of all species on each other",
        kind="lemma",
        given=[payoffs.size <= K],
        source="Lemma 3.9 for each pair of species, and the aggregate constant of (5.6)",
    )
    bound = result.conclude(
        "3.9",
        component_sup(grad(force)) <= K * dual_norm(f),
        because=[one_payoff, component_force(payoffs.plus, payoffs.minus, f, M_ij, f_j)],
    )
    error, push = f * grad(force), (1 + f) * grad(force)
    result.conclude(
        "error",
        abs(inner(f, inverse_generator(grad_adjoint(error)))) <= K * dual_norm(f) ** 2 * norm(f),
        because=[
            dual_cauchy_schwarz(f, grad_adjoint(error)),
            projection(error),
            component_hoelder(f, grad(force)),
            bound,
        ],
    )
    result.conclude(
        "drift",
        abs(inner(grad(f), push)) <= K * norm(grad(f)) * sqrt(1 + chi2(f)) * dual_norm(f),
        because=[
            cauchy_schwarz(grad(f), push),
            component_hoelder(f, grad(force)),
            bound,
        ],
    )
    return result


coupling = forces("lem-coupling-all", any_payoffs)
coupling_game = forces("lem-coupling-game", zero_sum)

monotone = Statement(
    "eq-5.2",
    "Monotonicity up to lambda",
    kind="lemma",
    given=[convexity_slack(M) <= lam],
    source="(5.2), for every number of species",
)
monotone.conclude("5.2", -lam * chi2(f) <= inner(f, M(f)), because=[slack((M,), (f,))])

cancel = Statement(
    "polymatrix-cancel",
    "Opposite payoffs cancel",
    kind="identities",
    source="polymatrix games: the monotone sum vanishes",
)
cancel.conclude("5.2", equation(inner(f, zero_sum.force), 0))


def inequalities(
    label: str, payoffs: Payoffs, flow: Flow, coupled: Statement, form: Statement, a: Term
) -> Statement:
    """(5.5) and (5.6); `form` says that <f, M f> is at least -(tau - a) chi2."""
    dual, force = dual_norm(f) ** 2, payoffs.force
    error, push = f * grad(force), (1 + f) * grad(force)
    result = Statement(
        label,
        "Differential inequalities for every number of species",
        kind="lemma",
        given=[*form.given, payoffs.size <= K, alpha <= poincare_constant(X)],
        source="(5.5) and (5.6); payoffs affine in the measures, one temperature",
    )
    derivative = result.step(
        "dual-derivative",
        equation(
            flow.derivative(dual),
            -2 * tau * chi2(f)
            - 2 * inner(f, force)
            - 2 * inner(f, inverse_generator(grad_adjoint(error))),
        ),
    )
    result.conclude(
        "5.5-dual",
        flow.derivative(dual) <= -2 * a * chi2(f) + 2 * K * dual * norm(f),
        because=[derivative, form, coupled],
    )
    growth = result.step(
        "chi2-derivative",
        equation(
            flow.derivative(chi2(f)),
            -2 * tau * norm(grad(f)) ** 2 - 2 * inner(grad(f), push),
        ),
    )
    result.conclude(
        "5.5-chi2",
        flow.derivative(chi2(f))
        <= -2 * tau * norm(grad(f)) ** 2 + 2 * K * norm(grad(f)) * dual_norm(f) * sqrt(1 + chi2(f)),
        because=[growth, coupled],
    )
    result.conclude("gap-dual", alpha * dual <= chi2(f), because=[poincare_dual(f)])
    result.conclude("gap-chi2", alpha * chi2(f) <= norm(grad(f)) ** 2, because=[poincare(f)])
    return result


lines = inequalities("eq-5.5", any_payoffs, flow, coupling, monotone, tau - lam)
game_lines = inequalities("eq-5.5-game", zero_sum, game_flow, coupling_game, cancel, tau)


def local_convergence(
    label: str, title: str, payoffs: Payoffs, flow: Flow, lines: Statement, a: Term
) -> Statement:
    """Theorem 5.2 with the slack tau - a."""
    dual = dual_norm(f) ** 2
    theorem = Statement(
        label,
        title,
        given=[*lines.given, eps < a, K > 0, K**2 * at_time(chi2(f), 0) <= alpha**2 * eps**2],
        source="Theorem 5.2 with the constants of (5.5), (5.6), for every number of species",
    )
    initial = theorem.step("initial", K**2 * at_time(dual, 0) <= alpha * eps**2, because=[lines])
    closing = q.lemma_q.at(
        {q.X: dual, q.Y: chi2(f), q.D: norm(grad(f)) ** 2, q.a: a, q.K1: K, q.K2: K},
        {q.flow: flow},
    )
    because = [lines, initial, closing]
    rate = 2 * alpha * (a - eps)
    theorem.conclude(
        "dual-decay", at_time(dual, t) <= exp(-rate * t) * at_time(dual, 0), because=because
    )
    theorem.conclude(
        "chi2-decay",
        at_time(chi2(f), t)
        <= (1 + K**2 * a**2 / (2 * alpha**2 * eps**2 * (a - eps) ** 2))
        * exp(-rate * t)
        * at_time(chi2(f), 0),
        because=because,
    )
    return theorem


theorem_5_2 = local_convergence(
    "thm-5.2", "Local convergence of linearly monotone flows", any_payoffs, flow, lines, tau - lam
)
polymatrix = local_convergence(
    "polymatrix", "Local convergence in polymatrix games", zero_sum, game_flow, game_lines, tau
)
