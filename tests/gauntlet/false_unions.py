"""False statements about unions of spaces: what is true on one space, or a constant too small."""

from symbols import Entry, K, tau
from symbols import M as one_payoff
from symbols import X as ONE_SPACE
from symbols import g as other
from symbols import h as on_one_space

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    RemainderSymbol,
    Space,
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
    mixed_derivative_sup,
    mixed_norm,
    norm,
    one,
    poincare_constant,
    relative_entropy,
    sqrt,
    sup_norm,
    third_norm,
)
from mflverify.proof import (
    component_force,
    component_hoelder,
    component_second_order,
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
}
