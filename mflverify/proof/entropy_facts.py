"""Facts about entropies, transport distances and log-Sobolev constants, and about L1 norms.

mu = (1 + f) mu_bar and nu = (1 + g) mu_bar are probabilities with positive densities; constants and
normalisations are those of `mflverify.expr.divergences`.
"""

from __future__ import annotations

from mflverify.expr.densities import density_of, log_density
from mflverify.expr.divergences import (
    equilibrium_entropy,
    fisher_information,
    log_sobolev_constant,
    mean_absolute,
    relative_entropy,
    wasserstein,
)
from mflverify.expr.language import (
    chi2,
    dual_norm,
    equation,
    exp,
    inner,
    norm,
    one,
    poincare_constant,
    sup_norm,
)
from mflverify.expr.sorts import FunctionSort, SortError, Space
from mflverify.expr.terms import Term
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content, Premise


def _space(u: Term) -> Space:
    if not isinstance(u.sort, FunctionSort):
        raise SortError(f"a function is needed here, not {u!r}")
    return u.sort.space


def _jensen(u: Term) -> Content:
    mean = abs(inner(u, one(_space(u))))
    return Content((mean <= mean_absolute(u), mean_absolute(u) <= norm(u), mean <= norm(u)))


jensen = Fact(
    "jensen",
    "Jensen: |mean of u| <= ||u||_1 <= ||u|| under a probability",
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.3",
    _jensen,
    sharp="equality for constants",
)


def _hoelder_one(u: Term, v: Term) -> Content:
    return Content((abs(inner(u, v)) <= mean_absolute(u) * sup_norm(v),))


hoelder_one = Fact(
    "hoelder-one",
    "Hölder inequality with exponents 1 and infinity",
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.8",
    _hoelder_one,
    sharp="equality for v the sign of u",
)


def _triangle(u: Term, v: Term) -> Content:
    return Content((norm(u + v) <= norm(u) + norm(v), sup_norm(u + v) <= sup_norm(u) + sup_norm(v)))


triangle = Fact(
    "triangle",
    "Triangle inequality for the L2 norm and the supremum",
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.9",
    _triangle,
    sharp="equality for v = u",
)


def _total_mass(f: Term) -> Content:
    density_of(f)
    return Content((mean_absolute(f) <= 2,))


total_mass = Fact(
    "total-mass",
    "The total mass of mu - mu_bar is at most 2",
    "Tsybakov, Introduction to Nonparametric Estimation (2009), section 2.4",
    _total_mass,
)


def _pinsker(f: Term, g: Term | None = None) -> Content:
    if g is not None:
        density_of(g)  # a Gibbs density is no perturbation, and f - g would be no difference
    difference = f if g is None else f - g
    return Content((mean_absolute(difference) ** 2 <= 2 * relative_entropy(f, g),))


pinsker = Fact(
    "pinsker",
    "Pinsker: |mu - nu|^2 <= 2 KL(mu | nu), with the total mass |mu - nu|",
    "Tsybakov, Introduction to Nonparametric Estimation (2009), Lemma 2.5",
    _pinsker,
    sharp="approached as |mu - nu| tends to 0, for f - g with two values",
)


def _entropy_variance(f: Term) -> Content:
    entropy = relative_entropy(f)
    return Content((exp(entropy) <= 1 + chi2(f), entropy <= chi2(f)))


entropy_variance = Fact(
    "entropy-variance",
    "KL(mu | mu_bar) <= log(1 + chi2(mu | mu_bar)) <= chi2(mu | mu_bar)",
    "Tsybakov, Introduction to Nonparametric Estimation (2009), Lemma 2.7",
    _entropy_variance,
)


def _log_sobolev(f: Term, g: Term | None = None) -> Content:
    constant = log_sobolev_constant(_space(f) if g is None else g)
    return Content((2 * constant * relative_entropy(f, g) <= fisher_information(f, g),))


log_sobolev = Fact(
    "log-sobolev",
    "Log-Sobolev inequality with the optimal constant: 2 alpha KL(mu | nu) <= I(mu | nu)",
    "Gross, Amer. J. Math. 97 (1975); Bakry–Gentil–Ledoux (2014), section 5.1",
    _log_sobolev,
    sharp="optimal by definition; equality for translated Gaussians",
)


def _rothaus(space: Space) -> Content:
    return Content((log_sobolev_constant(space) <= poincare_constant(space),))


rothaus = Fact(
    "rothaus",
    "A log-Sobolev inequality implies a Poincaré inequality with the same constant",
    "Rothaus, J. Funct. Anal. 42 (1981); Bakry–Gentil–Ledoux (2014), Proposition 5.1.3",
    _rothaus,
    sharp="equality for Gaussians and on the uniform circle",
)


def _otto_villani(f: Term, g: Term | None = None) -> Content:
    constant = log_sobolev_constant(_space(f) if g is None else g)
    return Content((constant * wasserstein(f, g) ** 2 <= 2 * relative_entropy(f, g),))


otto_villani = Fact(
    "otto-villani",
    "Otto–Villani: alpha W2(mu, nu)^2 <= 2 KL(mu | nu) with the log-Sobolev constant of nu",
    "Otto–Villani, J. Funct. Anal. 173 (2000), Theorem 1",
    _otto_villani,
    sharp="equality for translated Gaussians",
)


def _holley_stroock(g: Term, middle: Term, radius: Term) -> Content:
    space = _space(g)
    return Content(
        conclusions=(
            (middle - radius) * log_sobolev_constant(space)
            <= (middle + radius) * log_sobolev_constant(g),
        ),
        premises=(
            Premise(sup_norm(density_of(g) - middle) <= radius),
            Premise(radius < middle),
        ),
    )


holley_stroock = Fact(
    "holley-stroock",
    "Holley–Stroock: a density between m - r and m + r changes the log-Sobolev constant by at most "
    "the factor (m - r)/(m + r)",
    "Holley–Stroock, J. Stat. Phys. 46 (1987); Bakry–Gentil–Ledoux (2014), Proposition 5.1.6",
    _holley_stroock,
)


def _transport_variance(f: Term) -> Content:
    return Content((poincare_constant(_space(f)) * wasserstein(f) ** 2 <= 2 * chi2(f),))


transport_variance = Fact(
    "transport-variance",
    "Transport-variance inequality: W2^2 <= (2/alpha) chi2 with the Poincaré constant",
    "Liu, Electron. J. Probab. 25 (2020), paper 1",
    _transport_variance,
)


def _transport_dual(f: Term) -> Content:
    return Content((wasserstein(f) <= 2 * dual_norm(f),))


transport_dual = Fact(
    "transport-dual",
    "W2(mu, mu_bar) <= 2 ||f||_{-1}",
    "Peyre, ESAIM Control Optim. Calc. Var. 24 (2018)",
    _transport_dual,
)


def _entropy_integrals(f: Term) -> Content:
    density, logarithm = density_of(f), log_density(f)
    return Content(
        (
            equation(relative_entropy(f), inner(density, logarithm)),
            equation(equilibrium_entropy(f), -inner(one(_space(f)), logarithm)),
        )
    )


entropy_integrals = Fact(
    "entropy-integrals",
    "KL(mu | mu_bar) is the integral of log(1 + f) against mu, KL(mu_bar | mu) minus that against mu_bar",
    "definition of the relative entropy; Tsybakov, Introduction to Nonparametric Estimation (2009), "
    "section 2.4",
    _entropy_integrals,
    sharp="an identity",
)


def _entropy_taylor_below(f: Term) -> Content:
    return Content((chi2(f) <= 2 * (1 + sup_norm(f)) * relative_entropy(f),))


entropy_taylor_below = Fact(
    "entropy-taylor-below",
    "chi2(mu | mu_bar) <= 2 (1 + sup |f|) KL(mu | mu_bar)",
    "Taylor's formula for (1 + x) log(1 + x), whose second derivative is 1/(1 + x); "
    "Rudin, Principles of Mathematical Analysis, 3rd ed., Theorem 5.15",
    _entropy_taylor_below,
    sharp="approached as f tends to 0",
)

ENTROPY_FACTS: tuple[Fact, ...] = (
    jensen,
    hoelder_one,
    triangle,
    total_mass,
    pinsker,
    entropy_variance,
    log_sobolev,
    rothaus,
    otto_villani,
    holley_stroock,
    transport_variance,
    transport_dual,
    entropy_integrals,
    entropy_taylor_below,
)
