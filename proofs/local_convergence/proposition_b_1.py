"""Appendix B: local convergence in entropy, (B.1) to (B.11).

The force F'[mu] - F'[mu_bar] is bounded by b KL^(1/2): with b = B_1 (2/alpha)^(1/2) when the
gradient of F'' is bounded, with b = B_0 2^(1/2) when F'' is.  Then mu_hat has nearly
the log-Sobolev constant of mu_bar, as long as the free energy G is small, and it stays small.
"""

from mflverify.expr import (
    Parameter,
    Relation,
    Term,
    at_time,
    exp,
    log_sobolev_constant,
    mean_absolute,
    sqrt,
    sup_norm,
    variation_slack,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    Application,
    Statement,
    Step,
    barrier,
    bregman_variation,
    exp_monotone,
    exp_tangent,
    force_transport,
    force_variation,
    gibbs_perturbation,
    holley_stroock_gibbs,
    log_sobolev,
    otto_villani,
    pinsker,
)

from .free_energy import (
    dissipation,
    entropy,
    excess,
    force,
    proximal,
    proximal_entropy,
    sandwich,
)
from .notation import R, S, X, alpha, eps, f, general_mfld, t, tau

B0 = Parameter("B0", "nonnegative")
B1 = Parameter("B1", "nonnegative")
delta = Parameter("delta", "positive")

constant = log_sobolev_constant(X)
rate = 2 * tau * alpha * exp(-eps)
slower = 2 * tau * alpha * (1 - eps)

slope = Statement(
    "eq-B.1",
    "The force is bounded by the entropy: bounded gradient of F''",
    kind="lemma",
    given=[alpha <= constant, variation_slack(S, R) <= 0, variation_sup(S, R, 1) <= B1],
    source="(B.1)",
)
slope.conclude(
    "transport", sup_norm(force) <= B1 * wasserstein(f), because=[force_transport(S, R, f)]
)
slope.conclude(
    "entropy",
    sup_norm(force) <= B1 * sqrt(2 / alpha) * sqrt(entropy),
    because=[slope.steps[-1], otto_villani(f)],
)
slope.conclude(
    "free-energy",
    sup_norm(force) <= B1 * sqrt(2 / (alpha * tau)) * sqrt(excess),
    because=[slope.steps[-1], sandwich],
)

bounded = Statement(
    "eq-B.9",
    "The force is bounded by the entropy: bounded F''",
    kind="lemma",
    given=[variation_slack(S, R) <= 0, variation_sup(S, R, 0) <= B0],
    source="(B.9) to (B.11)",
)
bounded.conclude(
    "total-variation", sup_norm(force) <= B0 * mean_absolute(f), because=[force_variation(S, R, f)]
)
bounded.conclude(
    "entropy",
    sup_norm(force) <= B0 * sqrt(2) * sqrt(entropy),
    because=[bounded.steps[-1], pinsker(f)],
)
bounded.conclude(
    "free-energy",
    sup_norm(force) <= B0 * sqrt(2 / tau) * sqrt(excess),
    because=[bounded.steps[-1], sandwich],
)

comparison = Statement(
    "eq-B.7",
    "Entropies relative to mu_hat and to the equilibrium, compared",
    kind="lemma",
    given=[alpha <= constant, variation_slack(S, R) <= 0, variation_sup(S, R, 1) <= B1],
    source="(B.5) to (B.7)",
)
first = comparison.conclude(
    "B.5",
    proximal_entropy <= entropy + 2 / tau * sup_norm(force),
    because=[gibbs_perturbation(f, force, tau)],
)
second = comparison.conclude(
    "B.6",
    proximal_entropy <= entropy + 2 * B1 / tau * wasserstein(f),
    because=[first, slope],
)
comparison.conclude(
    "B.7",
    proximal_entropy <= entropy + 2 * B1 / tau * sqrt(2 / alpha) * sqrt(entropy),
    because=[first, slope],
)


def decay(
    suffix: str, case: str, given: list[Relation], force_bound: Statement, b: Term, c: Term
) -> dict[str, Statement]:
    """The statements from (B.2) on, when the force is at most b KL^(1/2); D_F <= c KL in the linear form."""
    hypotheses = [alpha <= constant, variation_slack(S, R) <= 0, *given]
    omega = 2 * b / (tau * sqrt(tau))
    inside = omega**2 * excess <= eps**2
    start = at_time(entropy, 0)

    free_energy = Statement(
        f"eq-B.3{suffix}",
        f"The free energy stays small and decays, {case}",
        kind="proposition",
        given=[*hypotheses, at_time(inside.lhs, 0) <= eps**2],
        source="(B.2), (B.3)",
    )
    small = free_energy.step(
        "oscillation",
        2 / tau * sup_norm(force) <= eps,
        because=[force_bound],
        assuming=[inside],
    )
    exponent = -2 / tau * sup_norm(force)
    exponential = free_energy.step(
        "exponential",
        exp(-eps) <= exp(exponent),
        because=[small, exp_tangent(exponent + eps)],
        assuming=[inside],
    )
    perturbed = free_energy.step(
        "log-sobolev",
        alpha * exp(-eps) <= log_sobolev_constant(proximal),
        because=[exponential, holley_stroock_gibbs(force, tau)],
        assuming=[inside],
    )
    contraction = free_energy.step(
        "contract",
        general_mfld.derivative(excess) <= -rate * excess,
        because=[perturbed, dissipation, sandwich, log_sobolev(f, proximal)],
        assuming=[inside],
    )
    stays = barrier(excess, omega**2, eps**2, rate, general_mfld, t)
    free_energy.conclude("B.2", inside, because=[contraction, stays])
    sharp = free_energy.conclude(
        "B.3",
        at_time(excess, t) <= exp(-rate * t) * at_time(excess, 0),
        because=[contraction, stays],
    )
    tangent = free_energy.step("tangent", 1 - eps <= exp(-eps), because=[exp_tangent(-eps)])
    free_energy.conclude(
        "slower",
        at_time(excess, t) <= exp(-slower * t) * at_time(excess, 0),
        because=[sharp, tangent, sandwich, exp_monotone(-rate * t, -slower * t)],
    )

    def closing(
        label: str,
        title: str,
        initial: list[Relation],
        size: Term,
        bound: list[Statement | Application],
        claim: Relation,
        root: Term | None = None,
    ) -> Statement:
        """KL decays when size bounds the free energy and is small at the start.

        root: a number in [0, 1] whose square bounds KL at the start, and so does it.
        """
        theorem = Statement(
            f"{label}{suffix}",
            f"{title}, {case}",
            kind="proposition",
            given=[*hypotheses, *initial],
            source="(B.8) and Proposition B.1",
        )
        above = theorem.step("above", excess <= size, because=bound)
        small: list[Step] = []
        if root is not None:
            one = theorem.step("at-most-one", root <= 1)
            small.append(theorem.step("root", sqrt(start) <= root))
            small.append(theorem.step("start", start <= root, because=[one]))
        theorem.conclude("decay", claim, because=[above, free_energy, sandwich, *small])
        return theorem

    paper: Term = tau * entropy + 2 * b * sqrt(entropy)
    proximal_bound: list[Statement | Application] = [
        sandwich,
        gibbs_perturbation(f, force, tau),
        force_bound,
    ]
    linear = (tau + c) * entropy
    linear_bound: list[Statement | Application] = [
        bregman_variation(S, R, f),
        pinsker(f),
        otto_villani(f),
    ]
    moved, decayed = at_time(entropy, t), exp(-slower * t)
    return {
        "B.3": free_energy,
        "B.8": closing(
            "eq-B.8",
            "The entropy decays",
            [omega**2 * at_time(paper, 0) <= eps**2],
            paper,
            proximal_bound,
            moved <= decayed * (start + 2 * b / tau * sqrt(start)),
        ),
        "B.1": closing(
            "prop-B.1",
            "Local convergence in entropy",
            [start <= delta, delta <= 1, omega**2 * (tau + 2 * b) * sqrt(delta) <= eps**2],
            paper,
            proximal_bound,
            moved <= (1 + 2 * b / tau) * decayed * sqrt(start),
            sqrt(delta),
        ),
        "linear": closing(
            "prop-B.1-linear",
            "Local convergence in entropy, linear in its initial value",
            [omega**2 * (tau + c) * start <= eps**2],
            linear,
            linear_bound,
            moved <= (1 + c / tau) * decayed * start,
        ),
    }


gradient = decay(
    "",
    "bounded gradient of F''",
    [variation_sup(S, R, 1) <= B1],
    slope,
    B1 * sqrt(2 / alpha),
    B1 / sqrt(alpha),
)
kernel = decay("-bounded", "bounded F''", [variation_sup(S, R, 0) <= B0], bounded, B0 * sqrt(2), B0)
