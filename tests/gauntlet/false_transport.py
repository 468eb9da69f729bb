"""False statements about transports, constants and curvature: a lost factor, a dropped condition."""

from symbols import A, Entry, S, X, a, f, h, phi, psi, r, u, v, w, x

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Point,
    RemainderSymbol,
    as_term,
    chi2,
    convexity_slack,
    curvature,
    curvature_bound,
    directional,
    distance,
    dual_norm,
    equation,
    equilibrium_entropy,
    grad,
    grad_adjoint,
    hilbert_schmidt,
    inner,
    jacobian_square,
    log_density,
    log_sobolev_constant,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    one,
    poincare_constant,
    relative_entropy,
    remainder_energy,
    score,
    second_derivative_sup,
    segment_variation,
    sqrt,
    sup_norm,
    third_derivative_sup,
    transport_constant,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    bakry_emery,
    bregman_back,
    curvature_lower,
    entropy_integrals,
    entropy_taylor_below,
    force_gradient,
    hessian_square,
    hilbert_schmidt_bound,
    lipschitz,
    otto_villani,
    pointwise,
    second_order,
    segment_taylor,
    slack,
    slack_bounded,
    third_transport,
    third_variation,
    transport_dual,
    transport_inequality,
    transport_optimal,
    transport_poincare,
    transport_taylor,
    transport_variance,
)
from mflverify.proof.statement import Application

y, q = Point("y", X), Parameter("q", "nonnegative")
other = FunctionSymbol("f'", X, "perturbation")
R = RemainderSymbol("R", (X,), X)
force = sup_norm(grad(R(f)))
T1, T2 = third_derivative_sup(R), second_derivative_sup(R)
K = variation_sup(S, R, 2)
bent = abs(directional(grad(segment_variation(R, q, f, f, f)), x, v))
whole = S(f) + R(f)
back = inner(f, whole) - inner(f, S(f)) / 2 - remainder_energy(R, f)
slope = score(X) + grad(u)
steepest = sup_norm(jacobian_square(slope))
moved = directional(slope, x, v) - directional(slope, y, v)
best, gap = transport_constant(X), poincare_constant(X)
kappa = curvature_bound(X)
pairing = abs(inner(grad_adjoint(phi), A(grad_adjoint(psi))))

TRANSPORT: dict[str, dict[str, Entry]] = {
    "Taylor along a transport": {
        "half of the constant": Entry(
            force <= (T1 + T2) / 4 * wasserstein(f) ** 2, because=(transport_taylor(R, f),)
        ),
        "without the Hessian, and half of the rest": Entry(
            force <= T1 / 4 * wasserstein(f) ** 2, because=(transport_taylor(R, f),)
        ),
        "without the third derivative": Entry(
            force <= T2 / 2 * wasserstein(f) ** 2, because=(transport_taylor(R, f),)
        ),
        "the distance unsquared": Entry(
            force <= (T1 + T2) / 2 * wasserstein(f), because=(transport_taylor(R, f),)
        ),
        "W2 for the dual norm in the linear form": Entry(
            force <= T1 / 8 * wasserstein(f) ** 2, because=(second_order(R, f), transport_dual(f))
        ),
        "half of chi2": Entry(
            poincare_constant(X) * force <= (T1 + T2) / 2 * chi2(f),
            because=(transport_taylor(R, f), transport_variance(f)),
        ),
        "the dual norm without its factor four": Entry(
            force <= (T1 + T2) / 8 * dual_norm(f) ** 2,
            because=(transport_taylor(R, f), transport_dual(f)),
        ),
        "a function that is no density": Entry(
            sup_norm(grad(R(h))) <= (T1 + T2) / 2 * wasserstein(f) ** 2,
            because=(transport_taylor(R, f),),
        ),
    },
    "Kantorovich duality": {
        "half of the third derivative": Entry(
            bent <= T1 / 2 * wasserstein(f) ** 2, because=(third_transport(R, q, f, x, v),)
        ),
        "the distance unsquared": Entry(
            bent <= T1 * wasserstein(f), because=(third_transport(R, q, f, x, v),)
        ),
        "half of the third derivative by parts": Entry(
            2 * bent <= T1 * dual_norm(f) ** 2, because=(third_variation(R, q, f, f, f, x, v),)
        ),
        "one function twice": Entry(
            abs(directional(grad(segment_variation(R, q, f, f, h)), x, v))
            <= T1 * dual_norm(f) ** 2,
            because=(third_variation(R, q, f, f, h, x, v),),
        ),
        "a quarter by Taylor": Entry(
            abs(directional(grad(R(f)), x, v)) <= T1 * dual_norm(f) ** 2 / 4,
            because=(
                third_variation(R, q, f, f, f, x, v),
                segment_taylor(R, q, f, x, v, T1 * dual_norm(f) ** 2),
            ),
        ),
        "Taylor from one measure": Entry(
            abs(directional(grad(R(f)), x, v)) <= a / 2,
            at="segment-taylor ranges over",
            given=(bent <= a,),
            because=(segment_taylor(R, q, f, x, v, as_term(a)),),
        ),
        "a bound that depends on the measure": Entry(
            abs(directional(grad(R(f)), x, v)) <= q / 2,
            at="must hold on the whole segment",
            because=(Application(segment_taylor, (R, q, f, x, v, q)),),
        ),
        "half of the mixed derivative": Entry(
            2 * sup_norm(grad(whole)) <= K * wasserstein(f), because=(force_gradient(S, R, f),)
        ),
        "the mixed derivative at equilibrium": Entry(
            sup_norm(grad(whole)) <= mixed_derivative_sup(S) * wasserstein(f),
            because=(force_gradient(S, R, f),),
        ),
        "the distance of the wrong pair": Entry(
            sup_norm(grad(whole - S(other) - R(other))) <= K * wasserstein(f),
            because=(force_gradient(S, R, f, other),),
        ),
        "a quarter of the way back": Entry(
            4 * abs(back) <= K * wasserstein(f) ** 2, because=(bregman_back(S, R, f),)
        ),
        "the way back in one distance": Entry(
            2 * abs(back) <= K * wasserstein(f), because=(bregman_back(S, R, f),)
        ),
    },
    "gradients at two points": {
        "half of the slope": Entry(
            2 * abs(moved) <= sqrt(steepest) * distance(x, y), because=(lipschitz(slope, x, y, v),)
        ),
        "a field that is no gradient": Entry(
            abs(directional(phi, x, v) - directional(phi, y, v))
            <= sqrt(sup_norm(jacobian_square(phi))) * distance(x, y),
            at="is not visibly a gradient",
            because=(Application(lipschitz, (phi, x, y, v)),),
        ),
        "a gradient with a weight": Entry(
            abs(directional(w * grad(u), x, v) - directional(w * grad(u), y, v))
            <= sqrt(sup_norm(jacobian_square(w * grad(u)))) * distance(x, y),
            at="is not visibly a gradient",
            because=(Application(lipschitz, (w * grad(u), x, y, v)),),
        ),
        "the square of the slope": Entry(
            abs(moved) <= steepest * distance(x, y), because=(lipschitz(slope, x, y, v),)
        ),
        "half of the supremum": Entry(
            2 * abs(directional(phi, x, v)) <= sup_norm(phi), because=(pointwise(phi, x, v),)
        ),
        "a supremum at one point": Entry(
            sup_norm(phi) <= abs(directional(phi, x, v)), because=(pointwise(phi, x, v),)
        ),
    },
    "transport constant": {
        "twice": Entry(
            best * wasserstein(f) ** 2 <= relative_entropy(f), because=(transport_inequality(f),)
        ),
        "the gap for the transport constant": Entry(
            gap * wasserstein(f) ** 2 <= 2 * relative_entropy(f),
            because=(transport_inequality(f), transport_poincare(X)),
        ),
        "one density is not every density": Entry(
            a <= best,
            at="transport-optimal ranges over",
            given=(a * wasserstein(f) ** 2 <= 2 * relative_entropy(f),),
            because=(transport_optimal(a, f),),
        ),
        "twice the log-Sobolev constant": Entry(
            2 * log_sobolev_constant(X) <= best,
            at="premise 1 of transport-optimal",
            because=(otto_villani(f), transport_optimal(2 * log_sobolev_constant(X), f)),
        ),
        "half of the gap": Entry(2 * best <= gap, because=(transport_poincare(X),)),
        "Poincaré below transport": Entry(gap <= best, because=(transport_poincare(X),)),
    },
    "Hilbert–Schmidt": {
        "half of it": Entry(
            2 * pairing <= hilbert_schmidt(A) * norm(phi) * norm(psi),
            because=(hilbert_schmidt_bound(A, phi, psi),),
        ),
        "one field": Entry(
            pairing <= hilbert_schmidt(A) * norm(phi), because=(hilbert_schmidt_bound(A, phi, psi),)
        ),
        "of another kernel": Entry(
            pairing <= hilbert_schmidt(S) * norm(phi) * norm(psi),
            because=(hilbert_schmidt_bound(A, phi, psi),),
        ),
    },
    "curvature": {
        "twice the bound": Entry(
            2 * kappa * norm(w * phi) ** 2 <= inner(w**2, curvature(phi)),
            because=(curvature_lower(phi, w**2),),
        ),
        "a weight of either sign": Entry(
            kappa * inner(w * phi, phi) <= inner(w, curvature(phi)),
            at="is not visibly non-negative",
            because=(Application(curvature_lower, (phi, w)),),
        ),
        "a Jacobian of either sign": Entry(
            inner(w**2, jacobian_square(phi)) >= 0, because=(hessian_square(u, w**2),)
        ),
        "a Hessian against a weight of either sign": Entry(
            inner(w, jacobian_square(grad(u))) >= 0,
            at="is not visibly non-negative",
            because=(Application(hessian_square, (u, w)),),
        ),
        "twice the curvature": Entry(
            2 * kappa <= log_sobolev_constant(X), because=(bakry_emery(X),)
        ),
        "curvature from a log-Sobolev inequality": Entry(
            log_sobolev_constant(X) <= kappa, because=(bakry_emery(X),)
        ),
    },
    "entropy as an integral": {
        "against the wrong measure": Entry(
            equation(relative_entropy(f), inner(one(X), log_density(f))),
            because=(entropy_integrals(f),),
        ),
        "the sign of the way back": Entry(
            equation(equilibrium_entropy(f), inner(one(X), log_density(f))),
            because=(entropy_integrals(f),),
        ),
        "entropy is symmetric": Entry(
            equation(relative_entropy(f), equilibrium_entropy(f)), because=(entropy_integrals(f),)
        ),
        "a factor 2 lost from below": Entry(
            chi2(f) <= (1 + sup_norm(f)) * relative_entropy(f), because=(entropy_taylor_below(f),)
        ),
        "without the supremum": Entry(
            chi2(f) <= 2 * relative_entropy(f), because=(entropy_taylor_below(f),)
        ),
    },
    "bounded functions": {
        "one density is not every density": Entry(
            convexity_slack(S) <= a,
            at="slack-bounded ranges over",
            given=(-inner(f, S(f)) <= a * norm(f) ** 2,),
            because=(slack_bounded(S, a, f),),
        ),
        "half of the bound": Entry(
            2 * convexity_slack(S) <= monotonicity_slack(S),
            because=(slack((S,), (f,)), slack_bounded(S, monotonicity_slack(S), f)),
        ),
        "a slack that may be negative": Entry(
            convexity_slack(S) <= r,
            at="premise 1 of slack-bounded",
            because=(slack((S,), (f,)), slack_bounded(S, r, f)),
        ),
        "the gap forgotten": Entry(
            convexity_slack(S) <= K,
            at="premise 1 of slack-bounded",
            because=(slack((S,), (f,)), slack_bounded(S, K, f)),
        ),
    },
}
