"""Facts about Gibbs densities and about forces, the functions M f with a kernel of M.

mu = (1 + f) mu_bar is a probability with a positive density; Gibbs(u) is proportional to exp(-u),
normalised under mu_bar.  Constants are those of `mflverify.expr.divergences` and
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
from mflverify.expr.functionals import kernel_slope_sup, kernel_sup
from mflverify.expr.language import (
    chi2,
    equation,
    exp,
    grad,
    inner,
    mixed_derivative_sup,
    sup_norm,
)
from mflverify.expr.sorts import FunctionSort, SortError
from mflverify.expr.terms import Apply, Term, is_positive
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


def _kantorovich(operator: Term, f: Term) -> Content:
    return Content((sup_norm(Apply(operator, f)) <= kernel_slope_sup(operator) * wasserstein(f),))


kantorovich = Fact(
    "kantorovich",
    "sup |M f| <= sup |grad' k| W1(mu, mu_bar) <= sup |grad' k| W2(mu, mu_bar)",
    "Kantorovich–Rubinstein duality; Villani, Optimal Transport: Old and New (2009), chapter 6",
    _kantorovich,
)


def _kernel_bound(operator: Term, u: Term) -> Content:
    return Content((sup_norm(Apply(operator, u)) <= kernel_sup(operator) * mean_absolute(u),))


kernel_bound = Fact(
    "kernel-bound",
    "sup |M u| <= sup |k| ||u||_1",
    "Hölder inequality; Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.8",
    _kernel_bound,
    sharp="equality for constant kernels and u >= 0",
)


def _mixed_transport(operator: Term, f: Term, g: Term) -> Content:
    bound = mixed_derivative_sup(operator) * wasserstein(f) * wasserstein(g)
    return Content((abs(inner(f, Apply(operator, g))) <= bound,))


mixed_transport = Fact(
    "mixed-transport",
    "|<f, M g>| <= sup ||grad grad' k|| W2(mu, mu_bar) W2(nu, nu_bar)",
    "mean value theorem along both displacement interpolations, then Cauchy–Schwarz; "
    "Villani, Topics in Optimal Transportation (2003), section 5.1",
    _mixed_transport,
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

FREE_ENERGY_FACTS: tuple[Fact, ...] = (
    fisher_gibbs,
    gibbs_entropy,
    gibbs_perturbation,
    holley_stroock_gibbs,
    kantorovich,
    kernel_bound,
    mixed_transport,
    exp_tangent,
    entropy_taylor,
)
