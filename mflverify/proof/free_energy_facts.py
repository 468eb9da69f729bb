"""Facts about Gibbs densities, and about a functional F at mu = (1 + f) mu_bar.

mu is a probability with a positive density; Gibbs(u) is proportional to exp(-u), normalised under
mu_bar; F is given by the operator M and the remainder R of its first variation.  Constants are those of `mflverify.expr.divergences` and
`mflverify.expr.functionals`.
"""

from __future__ import annotations

from mflverify.expr.densities import density_of, gibbs_density, log_density
from mflverify.expr.divergences import (
    equilibrium_entropy,
    fisher_information,
    log_sobolev_constant,
    mean_absolute,
    relative_entropy,
    wasserstein,
)
from mflverify.expr.functionals import remainder_energy, variation_slack, variation_sup
from mflverify.expr.language import (
    chi2,
    dual_norm,
    equation,
    exp,
    grad,
    inner,
    norm,
    sup_norm,
    third_derivative_sup,
)
from mflverify.expr.segments import segment_slope
from mflverify.expr.sorts import FunctionSort, SortError
from mflverify.expr.terms import Apply, RemainderSymbol, Term, is_positive
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content


def _fisher_gibbs(f: Term, u: Term) -> Content:
    slope = grad(log_density(f)) + grad(u)
    product = grad(f) + density_of(f) * grad(u)
    return Content((equation(fisher_information(f, gibbs_density(u)), inner(product, slope)),))


fisher_gibbs = Fact(
    "fisher-gibbs",
    "I(mu | Gibbs(u)) is the integral of |grad log(1 + f) + grad u|^2 against mu",
    "definition of the Fisher information and the chain rule (1 + f) grad log(1 + f) = grad f; "
    "Bakry–Gentil–Ledoux (2014), section 5.1",
    _fisher_gibbs,
    sharp="an identity",
)


def _gibbs_entropy(f: Term, u: Term) -> Content:
    gibbs = gibbs_density(u)
    rest = relative_entropy(f) + inner(f, u)
    return Content((equation(relative_entropy(f, gibbs), rest + equilibrium_entropy(gibbs)),))


gibbs_entropy = Fact(
    "gibbs-entropy",
    "KL(mu | Gibbs(u)) = KL(mu | mu_bar) + int u d(mu - mu_bar) + KL(mu_bar | Gibbs(u))",
    "the logarithm of Gibbs(u) is -u up to a constant, which cancels; "
    "Donsker–Varadhan, Comm. Pure Appl. Math. 28 (1975)",
    _gibbs_entropy,
    sharp="an identity",
)


def _require_temperature(temperature: Term) -> None:
    if not is_positive(temperature):
        raise SortError(f"a temperature is a positive constant, and {temperature!r} may be none")


def _gibbs_perturbation(f: Term, v: Term, temperature: Term) -> Content:
    _require_temperature(temperature)
    beside = relative_entropy(f, gibbs_density(v / temperature))
    plain, size = relative_entropy(f), 2 * sup_norm(v) / temperature
    return Content((beside <= plain + size, plain <= beside + size))


gibbs_perturbation = Fact(
    "gibbs-perturbation",
    "|KL(mu | Gibbs(v/T)) - KL(mu | mu_bar)| <= 2 sup |v| / T",
    "the logarithm of Gibbs(u) is -u minus that of a mean of exp(-u), between -sup |u| and sup |u|; "
    "Holley–Stroock, J. Stat. Phys. 46 (1987)",
    _gibbs_perturbation,
)


def _holley_stroock_gibbs(v: Term, temperature: Term) -> Content:
    _require_temperature(temperature)
    sort = v.sort
    if not isinstance(sort, FunctionSort):
        raise SortError(f"a Gibbs density has a function as potential, not {v!r}")
    old = log_sobolev_constant(sort.space)
    new = log_sobolev_constant(gibbs_density(v / temperature))
    return Content((exp(-2 * sup_norm(v) / temperature) * old <= new,))


holley_stroock_gibbs = Fact(
    "holley-stroock-gibbs",
    "Holley–Stroock: Gibbs(v/T) has at least exp(-2 sup |v| / T) the log-Sobolev constant of mu_bar",
    "Holley–Stroock, J. Stat. Phys. 46 (1987); Bakry–Gentil–Ledoux (2014), Proposition 5.1.6",
    _holley_stroock_gibbs,
)


def _force(operator: Term, functional: RemainderSymbol, f: Term) -> Term:
    """F'[mu] - F'[mu_bar] = M f + R(f)."""
    density_of(f)  # F'' is taken along (1 + s f) mu_bar
    return Apply(operator, f) + functional(f)


def _bregman(operator: Term, functional: RemainderSymbol, f: Term) -> Term:
    """D_F(mu | mu_bar) = <f, M f>/2 + F_R(f)."""
    density_of(f)
    return inner(f, Apply(operator, f)) / 2 + remainder_energy(functional, f)


def _force_transport(operator: Term, functional: RemainderSymbol, f: Term) -> Content:
    size = variation_sup(operator, functional, 1)
    return Content((sup_norm(_force(operator, functional, f)) <= size * wasserstein(f),))


force_transport = Fact(
    "force-transport",
    "sup |F'[mu] - F'[mu_bar]| <= sup |grad' F''| W1(mu, mu_bar) <= sup |grad' F''| W2(mu, mu_bar)",
    "mean value theorem along (1 + s f) mu_bar, then Kantorovich–Rubinstein duality; "
    "Villani, Optimal Transport: Old and New (2009), chapter 6",
    _force_transport,
)


def _force_variation(operator: Term, functional: RemainderSymbol, f: Term) -> Content:
    size = variation_sup(operator, functional, 0)
    return Content((sup_norm(_force(operator, functional, f)) <= size * mean_absolute(f),))


force_variation = Fact(
    "force-variation",
    "sup |F'[mu] - F'[mu_bar]| <= sup |F''| |mu - mu_bar|, with the total mass |mu - mu_bar|",
    "mean value theorem along (1 + s f) mu_bar, then Hölder's inequality; "
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.8",
    _force_variation,
)


def _bregman_transport(operator: Term, functional: RemainderSymbol, f: Term) -> Content:
    bound = variation_sup(operator, functional, 2) / 2 * wasserstein(f) ** 2
    return Content((abs(_bregman(operator, functional, f)) <= bound,))


bregman_transport = Fact(
    "bregman-transport",
    "|D_F(mu | mu_bar)| <= sup ||grad grad' F''|| W2(mu, mu_bar)^2 / 2",
    "Taylor's formula along the displacement interpolation, where the gradient of F' moves by at "
    "most sup ||grad grad' F''|| W1; Villani, Topics in Optimal Transportation (2003), section 5.1",
    _bregman_transport,
)


def _bregman_dual(operator: Term, functional: RemainderSymbol, f: Term) -> Content:
    bound = variation_sup(operator, functional, 2) / 2 * dual_norm(f) ** 2
    return Content((abs(_bregman(operator, functional, f)) <= bound,))


bregman_dual = Fact(
    "bregman-dual",
    "|D_F(mu | mu_bar)| <= sup ||grad grad' F''|| ||f||_{-1}^2 / 2",
    "Taylor's formula along (1 + s f) mu_bar with integral remainder, Cartan, Differential Calculus; "
    "then two integrations by parts against grad L^-1 f as in Lemma 3.9",
    _bregman_dual,
)


def _bregman_variation(operator: Term, functional: RemainderSymbol, f: Term) -> Content:
    bregman, mass = abs(_bregman(operator, functional, f)), mean_absolute(f)
    slope = variation_sup(operator, functional, 1) / 2 * wasserstein(f) * mass
    plain = variation_sup(operator, functional, 0) / 2 * mass**2
    return Content((bregman <= slope, bregman <= plain))


bregman_variation = Fact(
    "bregman-variation",
    "|D_F(mu | mu_bar)| <= sup |grad' F''| W2 |mu - mu_bar| / 2, and <= sup |F''| |mu - mu_bar|^2 / 2",
    "D_F is the integral of F'[mu_s] - F'[mu_bar] against mu - mu_bar over mu_s = (1 + s f) mu_bar, "
    "and W1(mu_s, mu_bar) is s W1; Villani, Optimal Transport: Old and New (2009), chapter 6",
    _bregman_variation,
)


def _bregman_convexity(operator: Term, functional: RemainderSymbol, f: Term) -> Content:
    energy = remainder_energy(functional, f)
    form = inner(f, Apply(operator, f)) / 2
    least = -variation_slack(operator, functional) / 2 * norm(f) ** 2
    density_of(f)
    return Content((least <= form + energy, least <= form + inner(functional(f), f) - energy))


bregman_convexity = Fact(
    "bregman-convexity",
    "D_F(mu | mu_bar) and D_F(mu_bar | mu) are at least minus half the slack of F times chi2",
    "Taylor's formula with integral remainder along (1 + s f) mu_bar, from either end; "
    "Cartan, Differential Calculus",
    _bregman_convexity,
)


def _third_order(functional: RemainderSymbol, f: Term) -> Content:
    density_of(f)
    bound = third_derivative_sup(functional) / 6 * dual_norm(f) ** 3
    return Content((abs(remainder_energy(functional, f)) <= bound,))


third_order = Fact(
    "third-order",
    "F beyond its quadratic part is of third order in the dual norm: |F_R(f)| <= T_1 ||f||_{-1}^3 / 6",
    "the bound of the gradient of R(s f), integrated over s against grad L^-1 f; Taylor's formula, "
    "Cartan, Differential Calculus",
    _third_order,
)


def _exp_tangent(x: Term) -> Content:
    return Content((1 + x <= exp(x),))


exp_tangent = Fact(
    "exp-tangent",
    "1 + x <= exp(x)",
    "convexity of exp; Hardy–Littlewood–Pólya, Inequalities",
    _exp_tangent,
    sharp="equality at x = 0",
)


def _entropy_taylor(f: Term) -> Content:
    return Content((2 * (1 - sup_norm(f)) * relative_entropy(f) <= chi2(f),))


entropy_taylor = Fact(
    "entropy-taylor",
    "2 (1 - sup |f|) KL(mu | mu_bar) <= chi2(mu | mu_bar)",
    "Taylor's formula for (1 + x) log(1 + x), whose second derivative is 1/(1 + x); "
    "Rudin, Principles of Mathematical Analysis, 3rd ed., Theorem 5.15",
    _entropy_taylor,
    sharp="approached as f tends to 0",
)


def _log_pairing(f: Term) -> Content:
    pairing = inner(f, log_density(f))
    return Content((0 <= pairing, (1 - sup_norm(f)) * pairing <= norm(f) ** 2))


log_pairing = Fact(
    "log-pairing",
    "0 <= (1 - sup |f|) int log(1 + f) d(mu - mu_bar) <= chi2(mu | mu_bar) where sup |f| <= 1; the "
    "integral is KL(mu | mu_bar) + KL(mu_bar | mu)",
    "x/(1 + x) <= log(1 + x) <= x, multiplied by x: 0 <= x log(1 + x) <= x^2/(1 - |x|); "
    "Hardy–Littlewood–Pólya, Inequalities",
    _log_pairing,
    sharp="approached as f tends to 0",
)


def _mean_value(functional: RemainderSymbol, f: Term, g: Term) -> Content:
    step = inner(f - g, functional(f) - functional(g))
    return Content((segment_slope(functional, f, g) <= step,))


mean_value = Fact(
    "mean-value",
    "The forces at two measures, against their difference, change by at least the least slope on "
    "the segment",
    "mean value theorem for s -> <f - g, R(g + s (f - g))>; Rudin, Principles of Mathematical "
    "Analysis, 3rd ed., Theorem 5.10",
    _mean_value,
    sharp="equality where the slope is constant",
)


def _slack_everywhere(operator: Term, functional: RemainderSymbol, f: Term, g: Term) -> Content:
    form = inner(f - g, Apply(operator, f - g)) + segment_slope(functional, f, g)
    return Content((-variation_slack(operator, functional) * norm(f - g) ** 2 <= form,))


slack_everywhere = Fact(
    "slack-everywhere",
    "The slack of F at all measures bounds the second variation on each segment: "
    "<h, M h> + d/ds <h, R(g + s h)> >= -lambda |h|^2",
    "definition of the slack: an infimum over all measures and all mean-zero functions",
    _slack_everywhere,
    sharp="optimal by definition: an infimum",
)


def _at_equilibrium(functional: RemainderSymbol, phi: Term, *states: Term) -> Content:
    return Content((equation(inner(phi, grad(functional(*(0 * state for state in states)))), 0),))


at_equilibrium = Fact(
    "at-equilibrium",
    "The forces beyond their linear parts vanish at equilibrium",
    "definition of the remainder: V[mu] = V[mu_bar] + M f + R(f)",
    _at_equilibrium,
    sharp="an identity",
)

FREE_ENERGY_FACTS: tuple[Fact, ...] = (
    fisher_gibbs,
    gibbs_entropy,
    gibbs_perturbation,
    holley_stroock_gibbs,
    force_transport,
    force_variation,
    bregman_transport,
    bregman_dual,
    bregman_variation,
    bregman_convexity,
    third_order,
    exp_tangent,
    entropy_taylor,
    log_pairing,
    mean_value,
    slack_everywhere,
    at_equilibrium,
)
