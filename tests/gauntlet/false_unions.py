"""False statements about unions of spaces: what is true on one space, or a constant too small."""

from fractions import Fraction

from symbols import Entry, K, r, tau
from symbols import M as one_payoff
from symbols import X as ONE_SPACE
from symbols import g as other
from symbols import h as on_one_space

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    RemainderSymbol,
    Space,
    SpeciesConstant,
    VectorSymbol,
    center,
    chi2,
    component_sup,
    convexity_slack,
    dual_norm,
    equation,
    generator,
    grad,
    inner,
    inverse_generator,
    least,
    mixed_derivative_sup,
    mixed_norm,
    monotonicity_slack,
    norm,
    one,
    poincare_constant,
    relative_entropy,
    shifted_slack,
    species_gap,
    sqrt,
    sup_norm,
    third_norm,
    wasserstein,
)
from mflverify.proof import (
    component_compact,
    component_difference,
    component_force,
    component_hoelder,
    component_least,
    component_poincare,
    component_second_order,
    component_slack,
    component_transport,
    entropy_variance,
    jensen,
    poincare,
    poincare_dual,
    slack,
)
from mflverify.proof.statement import Statement

X = Space("X", union=True)
f = FunctionSymbol("f", X, "perturbation")
h = FunctionSymbol("h", X, "mean-zero")
u, w = FunctionSymbol("u", X), FunctionSymbol("w", X)
phi = VectorSymbol("Phi", X)
M, A = KernelSymbol("B", X, X), KernelSymbol("C", X, X)
S = KernelSymbol("Q", X, X, symmetric=True)
R = RemainderSymbol("R", (X,), X)
ONE = one(X)

theta = SpeciesConstant("theta", X, "positive")
c, d = SpeciesConstant("c", X), SpeciesConstant("d", X)
p = FunctionSymbol("p", X, "perturbation")
both = dual_norm(f) + dual_norm(p)
gap = species_gap(X)
gapped = (least(theta * gap) >= K,)

given = Statement("payoff", "one payoff", kind="lemma")
premise = given.step(
    "bound",
    sup_norm(grad(one_payoff(other))) <= mixed_derivative_sup(one_payoff) * dual_norm(other),
)
force = component_force((M,), (), f, one_payoff, other)
single = Statement("single", "on one space", kind="lemma")
single.conclude("mass", equation(norm(1 + on_one_space) ** 2, 1 + norm(on_one_space) ** 2))

UNIONS: dict[str, dict[str, Entry]] = {
    "total mass of a union": {
        "one": Entry(equation(inner(ONE, ONE), 1)),
        "norm of a density": Entry(equation(norm(1 + f) ** 2, 1 + chi2(f))),
        "norm of a density, as a bound": Entry(norm(1 + f) ** 2 <= 1 + chi2(f)),
        "mean of a constant": Entry(equation(inner(center(ONE + u), w), inner(center(u), w) + 1)),
    },
    "mean zero in total": {
        "centring": Entry(equation(center(u), u - inner(u, ONE))),
        "variance": Entry(equation(norm(center(u)) ** 2, norm(u) ** 2 - inner(u, ONE) ** 2)),
        "L L^-1": Entry(
            equation(
                inner(inverse_generator(center(u)), generator(w)),
                inner(u, w) - inner(u, ONE) * inner(w, ONE),
            )
        ),
        "products of means": Entry(
            equation(inner(u - center(u), w), inner(u, ONE) * inner(w, ONE))
        ),
        "Poincaré with the mean in total": Entry(
            poincare_constant(X) * (norm(u) ** 2 - inner(u, ONE) ** 2) <= norm(grad(u)) ** 2,
            because=(poincare(u),),
        ),
    },
    "block operators": {
        "symmetric": Entry(equation(inner(f, M(h)), inner(h, M(f)))),
        "antisymmetric": Entry(equation(inner(f, M(f)), 0)),
        "commutes with L": Entry(equation(generator(M(f)), M(generator(f)))),
        "opposite payoffs, one sign lost": Entry(equation(inner(f, M(f) + M.T(f)), 0)),
        "kills the means": Entry(equation(M(u), M(center(u)))),
        "half of the slack": Entry(
            -convexity_slack(M) / 2 * chi2(f) <= inner(f, M(f)), because=(slack((M,), (f,)),)
        ),
        "another operator's slack": Entry(
            -convexity_slack(A) * chi2(f) <= inner(f, M(f)), because=(slack((A,), (f,)),)
        ),
    },
    "constants of unions": {
        "half of the gap's inverse": Entry(
            2 * poincare_constant(X) * dual_norm(f) ** 2 <= chi2(f), because=(poincare_dual(f),)
        ),
        "half of the Hölder bound": Entry(
            norm(u * phi) <= norm(u) * component_sup(phi) / 2, because=(component_hoelder(u, phi),)
        ),
        "Hölder without the 1 of the density": Entry(
            norm((1 + f) * phi) <= norm(f) * component_sup(phi),
            because=(component_hoelder(f, phi),),
        ),
        "the density against the largest component": Entry(
            norm((1 + f) * phi) <= sqrt(1 + chi2(f)) * sup_norm(phi),
            because=(component_hoelder(f, phi),),
        ),
        "a density that is not mean-zero": Entry(
            norm((1 + u) * phi) <= sqrt(1 + norm(u) ** 2) * component_sup(phi),
            because=(component_hoelder(u, phi),),
        ),
        "half of the remainder": Entry(
            component_sup(grad(R(f))) <= third_norm(R) / 4 * dual_norm(f) ** 2,
            because=(component_second_order(R, f),),
        ),
        "half of the remainder by transport": Entry(
            component_sup(grad(R(f))) <= third_norm(R) / 4 * wasserstein(f) ** 2,
            because=(component_transport(R, f),),
        ),
        "the remainder of first order by transport": Entry(
            component_sup(grad(R(f))) <= third_norm(R) / 2 * wasserstein(f),
            because=(component_transport(R, f),),
        ),
        "half of the difference of remainders": Entry(
            component_sup(grad(R(f) - R(p))) <= third_norm(R) / 4 * both * dual_norm(f - p),
            because=(component_difference(R, f, p),),
        ),
        "the difference of remainders from one end": Entry(
            component_sup(grad(R(f) - R(p))) <= third_norm(R) / 2 * dual_norm(f) * dual_norm(f - p),
            because=(component_difference(R, f, p),),
        ),
        "the difference of remainders by the norm of the difference alone": Entry(
            component_sup(grad(R(f) - R(p))) <= third_norm(R) / 2 * dual_norm(f - p) ** 2,
            because=(component_difference(R, f, p),),
        ),
        "the remainder of first order": Entry(
            component_sup(grad(R(f))) <= third_norm(R) / 2 * dual_norm(f),
            because=(component_second_order(R, f),),
        ),
    },
    "payoffs between components": {
        "half of the coupling": Entry(
            component_sup(grad(M(f))) <= mixed_norm(M) / 2 * dual_norm(f),
            because=(given, force),
        ),
        "one of two operators": Entry(
            component_sup(grad(M(f) - A(f))) <= mixed_norm(M) * dual_norm(f),
            because=(given, component_force((M,), (A,), f, one_payoff, other)),
        ),
        "the premise lost": Entry(
            component_sup(grad(M(f))) <= mixed_norm(M) * dual_norm(f),
            at="premise 1 of component-force",
            because=(force,),
        ),
        "the premise for one payoff only": Entry(
            component_sup(grad(M(f))) <= mixed_norm(M) * dual_norm(f),
            at="ranges over",
            given=(sup_norm(grad(one_payoff(other))) <= K * dual_norm(other),),
            because=(given, force),
        ),
    },
    "what is known of one space only": {
        "a supremum of mixed derivatives": Entry(
            tau <= mixed_derivative_sup(M), at="not defined on unions"
        ),
        "an entropy": Entry(0 <= relative_entropy(f), at="not defined on unions"),
        "the variance bound of the entropy": Entry(
            tau <= chi2(f), at="not defined on unions", because=(entropy_variance(f),)
        ),
        "Jensen": Entry(tau <= norm(u), at="not defined on unions", because=(jensen(u),)),
        "an operator from a union to one space": Entry(
            equation(KernelSymbol("E", X, ONE_SPACE)(f), KernelSymbol("E", X, ONE_SPACE)(f)),
            at="not defined on unions",
        ),
    },
    "constants of species": {
        "through a payoff": Entry(equation(theta * M(u), M(theta * u))),
        "through a symmetric interaction": Entry(equation(theta * S(u), S(theta * u))),
        "on one side of a payoff": Entry(equation(inner(theta * f, M(f)), inner(f, M(theta * f)))),
        "as a number in front": Entry(
            equation(inner(theta * u, w) * inner(ONE, ONE), inner(theta, ONE) * inner(u, w))
        ),
        "the inverse of a sum": Entry(
            equation(theta**-1 * inverse_generator(theta * f), 2 * inverse_generator(f))
        ),
        "never negative without a sign": Entry(0 <= inner(c * f, f)),
        "its root squared": Entry(equation(theta ** Fraction(1, 2) * theta * u, theta**2 * u)),
        "commutes with the mean in total": Entry(equation(inner(theta * u, ONE), inner(u, ONE))),
        "mean-zero in total": Entry(equation(inner(c * (u - inner(u, ONE)), ONE), 0)),
    },
    "least values": {
        "of a sum": Entry(equation(least(c + d), least(c) + least(d))),
        "of a multiple by a number without sign": Entry(equation(least(r * c), r * least(c))),
        "twice": Entry(
            2 * least(theta) * norm(u) ** 2 <= inner(theta * u, u),
            because=(component_least(theta, u),),
        ),
        "of another constant": Entry(
            least(d) * norm(u) ** 2 <= inner(c * u, u), because=(component_least(c, u),)
        ),
        "under the operator": Entry(
            least(c) * inner(f, M(f)) <= inner(c * f, M(f)), because=(component_least(c, f),)
        ),
    },
    "gaps of species": {
        "twice": Entry(
            2 * inner(theta * gap * f, inverse_generator(f)) <= inner(theta * f, f),
            because=(component_poincare(f, theta),),
        ),
        "the weight lost": Entry(
            inner(theta * gap * f, f) <= norm(grad(f)) ** 2,
            because=(component_poincare(f, theta),),
        ),
        "a weight without sign": Entry(
            inner(theta * (c - r) * gap * f, f) <= inner(theta * (c - r) * grad(f), grad(f)),
            at="premise 1 of component-poincare",
            because=(component_poincare(f, theta, c, r),),
        ),
        "half of the slack with shares": Entry(
            -monotonicity_slack(M, weights={X: theta}) / 2 * inner(theta * f, f) <= inner(f, M(f)),
            because=(slack((M,), (f,), (theta,)),),
        ),
        "half of the slack beyond signed slacks": Entry(
            -shifted_slack(M, c) / 2 * chi2(f) <= inner(f, M(f)) + inner(c * f, f),
            because=(component_slack(M, c, f),),
        ),
        "signed slacks on the wrong side": Entry(
            -shifted_slack(M, c) * chi2(f) <= inner(f, M(f)) - inner(c * f, f),
            because=(component_slack(M, c, f),),
        ),
        "twice the least shift": Entry(
            -2 * least(c) <= shifted_slack(M, c),
            given=gapped,
            because=(component_compact(M, c, theta, K),),
        ),
        "shifts that are never negative": Entry(
            0 <= least(c), given=gapped, because=(component_compact(M, c, theta, K),)
        ),
        "a shift that M adds to": Entry(
            shifted_slack(M, c) <= -least(c),
            given=gapped,
            because=(component_compact(M, c, theta, K),),
        ),
        "compact without a gap": Entry(
            -least(c) <= shifted_slack(M, c),
            at="premise 2 of component-compact",
            because=(component_compact(M, c, theta, K),),
        ),
        "signed slacks lost": Entry(
            -shifted_slack(M, c) * chi2(f) <= inner(f, M(f)), because=(component_slack(M, c, f),)
        ),
        "shares lost": Entry(
            -monotonicity_slack(M, weights={X: theta}) * chi2(f) <= inner(f, M(f)),
            because=(slack((M,), (f,), (theta,)),),
        ),
        "timescales on one side of the coupling": Entry(
            component_sup(theta * grad(M(f))) <= mixed_norm(M, weight=theta) * dual_norm(f),
            because=(given, component_force((M,), (), f, one_payoff, other, theta)),
        ),
        "timescales lost in the coupling": Entry(
            component_sup(theta * grad(M(f))) <= mixed_norm(M) * dual_norm(f / theta),
            because=(given, component_force((M,), (), f, one_payoff, other, theta)),
        ),
    },
}
