"""False statements, by the kind of mistake.  None may be accepted."""

from fractions import Fraction

from symbols import (
    A,
    D,
    Entry,
    K,
    L,
    M,
    P,
    Q,
    S,
    X,
    a,
    alpha,
    b,
    c,
    eps,
    eta,
    f,
    flow,
    g,
    game,
    h,
    heat,
    mfld,
    phi,
    psi,
    r,
    s,
    t,
    tau,
    u,
    v,
    w,
    x,
)  # fmt: skip

from mflverify.expr import (
    advection,
    at_time,
    center,
    chi2,
    curvature,
    curvature_bound,
    directional,
    divergence,
    dot,
    dual_norm,
    equation,
    equilibrium_convexity,
    exp,
    first_eigenfunction,
    fisher_information,
    grad,
    grad_adjoint,
    inner,
    interaction_bottom,
    inverse_generator,
    jacobian_square,
    kernel_along,
    kernel_slice,
    log_density,
    log_sobolev_constant,
    mean_absolute,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    one,
    poincare_constant,
    projector,
    reciprocal,
    relative_entropy,
    score,
    spectral_norm,
    sqrt,
    sup_norm,
    wasserstein,
)
from mflverify.proof import (
    barrier,
    bernoulli,
    cauchy_schwarz,
    commutation,
    compact_interaction,
    convexity,
    convexity_optimal,
    decreasing,
    division,
    dual_cauchy_schwarz,
    eigenfunction,
    entropy_variance,
    exp_decay,
    forced_decay,
    gradient_product,
    gronwall,
    gronwall_below,
    gronwall_from,
    hoelder,
    holley_stroock,
    hwi,
    interaction_form,
    jensen,
    kernel_by_parts,
    log_gradient,
    log_sobolev,
    matrix_bound,
    mixed_derivative,
    otto_villani,
    pinsker,
    poincare,
    poincare_dual,
    poincare_optimal,
    projection,
    rothaus,
    score_curvature,
    slack,
    supremum,
    symmetric_hessian,
    transport_dual,
    transport_variance,
    weighted_cauchy_schwarz,
    weighted_divergence,
)
from mflverify.proof.statement import Application

gap = alpha <= poincare_constant(X)
decay = flow.derivative(P) <= -a * P
inside = b * P <= c
squared = chi2(f) + chi2(g)
pair = dual_norm(f) ** 2 + dual_norm(g) ** 2
error_x = inner(f, inverse_generator(grad_adjoint(f * grad(M(g)))))
error_y = inner(g, inverse_generator(grad_adjoint(g * grad(M.T(f)))))

weight = b * one(X) + u**2

FALSE: dict[str, dict[str, Entry]] = {
    "squared distance and distance": {
        "rate of chi2 doubled": Entry(
            heat.derivative(chi2(f)) <= -4 * tau * alpha * chi2(f), given=(gap,), because=(poincare(f),)
        ),
        "dissipation of chi2 halved": Entry(
            equation(heat.derivative(chi2(f)), -tau * norm(grad(f)) ** 2)
        ),
        "dissipation in the dual norm halved": Entry(
            equation(heat.derivative(dual_norm(f) ** 2), -tau * chi2(f))
        ),
        "root decays at the rate of the square": Entry(
            sqrt(at_time(P, t)) <= exp(-a * t) * sqrt(at_time(P, 0)), given=(decay,),
            because=(gronwall(P, a, flow, t),),
        ),
        "square decays at twice its rate": Entry(
            at_time(P, t) <= exp(-2 * a * t) * at_time(P, 0), given=(decay,),
            because=(gronwall(P, a, flow, t),),
        ),
    },
    "wrong side of the Poincaré inequality": {
        "norm above gradient": Entry(norm(grad(f)) ** 2 <= alpha * chi2(f), given=(gap,), because=(poincare(f),)),
        "constant on the other side": Entry(chi2(f) <= alpha * norm(grad(f)) ** 2, given=(gap,), because=(poincare(f),)),
        "dual norm above norm": Entry(chi2(f) <= alpha * dual_norm(f) ** 2, given=(gap,), because=(poincare_dual(f),)),
        "a lower bound used as an upper one": Entry(
            alpha * chi2(f) <= norm(grad(f)) ** 2, given=(poincare_constant(X) <= alpha,), because=(poincare(f),)
        ),
        "twice the constant": Entry(2 * alpha * chi2(f) <= norm(grad(f)) ** 2, given=(gap,), because=(poincare(f),)),
        "unsquared": Entry(alpha * norm(f) <= norm(grad(f)), given=(gap,), because=(poincare(f),)),
    },
    "second derivatives with a term lost": {
        "a divergence with the wrong sign": Entry(
            equation(inner(u, grad_adjoint(phi)), inner(u * phi, score(X)) + inner(u, divergence(phi))),
            because=(weighted_divergence(phi, u),),
        ),
        "a divergence without the density": Entry(
            equation(inner(u, grad_adjoint(phi)), -inner(u, divergence(phi))), because=(weighted_divergence(phi, u),)
        ),
        "a logarithm without its density": Entry(
            equation(inner(phi, grad(log_density(f))), inner(phi, grad(f))), because=(log_gradient(f, phi),)
        ),
        "half the gradient of a logarithm": Entry(
            equation(2 * inner((1 + f) * phi, grad(log_density(f))), inner(phi, grad(f))),
            because=(log_gradient(f, phi),),
        ),
        "Lemma A.2 with a weight": Entry(
            equation(inner(u * phi, grad(grad_adjoint(phi))), inner(u, jacobian_square(phi) + curvature(phi))),
            because=(commutation(phi, u),),
        ),
        "Lemma A.2 with half the curvature": Entry(
            equation(norm(grad_adjoint(phi)) ** 2, inner(one(X), jacobian_square(phi)) + inner(one(X), curvature(phi)) / 2),
            because=(commutation(phi, one(X)),),
        ),
        "gradient of a square without its two": Entry(
            equation(inner(phi, grad(dot(grad(u), grad(u)))), inner(phi, advection(grad(u), grad(u)))),
            because=(gradient_product(u, u, phi),),
        ),
        "one term of a product": Entry(
            equation(inner(phi, grad(dot(grad(u), grad(w)))), 2 * inner(phi, advection(grad(u), grad(w)))),
            because=(gradient_product(u, w, phi),),
        ),
        "a Jacobian that is no Hessian": Entry(
            equation(inner(psi, advection(phi, psi)), inner(phi, advection(psi, psi))),
            because=(symmetric_hessian(u, phi, psi, one(X)),),
        ),
        "half the curvature along the score": Entry(
            equation(inner(u, curvature(phi)), 2 * inner(u * phi, advection(phi, score(X)))),
            because=(score_curvature(phi, u),),
        ),
        "the score along the field, the field along the score": Entry(
            equation(inner(u, curvature(phi)), inner(u * phi, advection(score(X), phi))),
            because=(score_curvature(phi, u),),
        ),
        "a Hessian twice": Entry(
            equation(inner(psi, advection(phi, grad(u))), 2 * inner(phi, advection(psi, grad(u)))),
            because=(symmetric_hessian(u, phi, psi, one(X)),),
        ),
        "kernel by parts with the wrong sign": Entry(
            equation(inner(u, kernel_along(S, phi)), -inner(u, S(grad_adjoint(phi)))),
            because=(kernel_by_parts(S, phi, u),),
        ),
        "a kernel transposed by parts": Entry(
            equation(inner(u, kernel_along(A, phi)), inner(u, A.T(grad_adjoint(phi)))),
            because=(kernel_by_parts(A, phi, u),),
        ),
    },
    "a weight on the wrong side": {
        "the same weight twice": Entry(
            inner(phi, psi) ** 2 <= inner((weight) * phi, phi) * inner((weight) * psi, psi),
            because=(weighted_cauchy_schwarz(phi, psi, weight),),
        ),
        "half of it": Entry(
            2 * inner(phi, psi) ** 2
            <= inner((weight) * phi, phi) * inner(reciprocal(weight) * psi, psi),
            because=(weighted_cauchy_schwarz(phi, psi, weight),),
        ),
        "the bound of the weight forgotten": Entry(
            equation(inner(u**2 * reciprocal(weight) * phi, psi), inner(phi, psi)),
            because=(division(weight, phi, psi),),
        ),
        "division by twice the weight": Entry(
            equation(2 * inner((weight) * (reciprocal(weight) * phi), psi), inner(phi, psi)),
            because=(division(weight, phi, psi),),
        ),
    },
    "optimal constants": {
        "one function is not every function": Entry(
            a <= poincare_constant(X), at="poincare-optimal ranges over",
            given=(a * norm(center(u)) ** 2 <= norm(grad(u)) ** 2,), because=(poincare_optimal(a, u),),
        ),
        "perturbations are not every function": Entry(
            a <= poincare_constant(X), at="is not declared an arbitrary function",
            because=(Application(poincare_optimal, (a, f)), poincare(f)),
        ),
        "twice the constant": Entry(
            2 * poincare_constant(X) <= poincare_constant(X), at="premise 1 of poincare-optimal",
            because=(poincare_optimal(2 * poincare_constant(X), u), poincare(u)),
        ),
        "a bound that depends on the function": Entry(
            norm(w) <= poincare_constant(X), at="poincare-optimal ranges over",
            because=(poincare_optimal(norm(w), w),),
        ),
        "convex at one function": Entry(
            a <= equilibrium_convexity(X), at="convexity-optimal ranges over",
            given=(a * norm(grad(u)) ** 2 <= norm(L(u)) ** 2,), because=(convexity_optimal(a, u),),
        ),
        "the temperature forgotten": Entry(
            poincare_constant(X) <= equilibrium_convexity(X, tau), at="premise 1 of convexity-optimal",
            because=(poincare(u), cauchy_schwarz(center(u), L(u)), convexity_optimal(poincare_constant(X), u, tau)),
        ),
        "a compact operator bounded by its form at one function": Entry(
            a <= 0, at="compact-interaction ranges over",
            given=(a * norm(grad(u)) ** 2 <= inner(L(u), S(L(u))),), because=(compact_interaction(a, u, S),),
        ),
        "a negative bottom from a compact operator": Entry(
            interaction_bottom(S) < 0, at="claim",
            because=(
                interaction_form(S, L(u)), poincare_dual(L(u)),
                compact_interaction(interaction_bottom(S) * poincare_constant(X), u, S),
            ),
        ),
        "the gap forgotten": Entry(
            interaction_bottom(S) <= 0, at="premise 1 of compact-interaction",
            because=(interaction_form(S, L(u)), compact_interaction(interaction_bottom(S), u, S)),
        ),
        "the bottom doubled": Entry(
            2 * interaction_bottom(S) * norm(f) ** 2 <= inner(f, S(f)), because=(interaction_form(S, f),)
        ),
        "the bottom on functions with a mean": Entry(
            interaction_bottom(S) * norm(u) ** 2 <= inner(u, S(u)),
            because=(interaction_form(S, center(u)),),
        ),
        "twice the eigenvalue": Entry(
            equation(inner(f, L(first_eigenfunction(X))), 2 * poincare_constant(X) * inner(f, first_eigenfunction(X))),
            because=(eigenfunction(f),),
        ),
        "an eigenfunction that exists everywhere": Entry(
            norm(first_eigenfunction(X)) > 0, because=(eigenfunction(first_eigenfunction(X)),)
        ),
        "convexity on every field": Entry(
            equilibrium_convexity(X) * norm(phi) ** 2 <= norm(grad_adjoint(phi)) ** 2,
            because=(convexity(inverse_generator(grad_adjoint(phi))),),
        ),
        "convexity twice": Entry(
            2 * equilibrium_convexity(X, tau, S) * norm(grad(u)) ** 2 <= tau * norm(L(u)) ** 2 + inner(L(u), S(L(u))),
            because=(convexity(u, tau, S),),
        ),
        "the interaction forgotten": Entry(
            equilibrium_convexity(X, tau, S) * norm(grad(u)) ** 2 <= tau * norm(L(u)) ** 2,
            because=(convexity(u, tau, S),),
        ),
    },
    "log-Sobolev used as Poincaré": {
        "twice the constant": Entry(
            2 * log_sobolev_constant(X) * chi2(f) <= norm(grad(f)) ** 2, because=(rothaus(X), poincare(f))
        ),
        "the constants in the wrong order": Entry(
            poincare_constant(X) <= log_sobolev_constant(X), because=(rothaus(X),)
        ),
        "entropy above chi2": Entry(chi2(f) <= relative_entropy(f), because=(entropy_variance(f),)),
        "without its factor two": Entry(
            4 * log_sobolev_constant(X) * relative_entropy(f) <= fisher_information(f), because=(log_sobolev(f),)
        ),
        "transport without its factor two": Entry(
            log_sobolev_constant(X) * wasserstein(f) ** 2 <= relative_entropy(f), because=(otto_villani(f),)
        ),
        "transport with the Poincaré constant and entropy": Entry(
            poincare_constant(X) * wasserstein(f) ** 2 <= 2 * relative_entropy(f),
            because=(otto_villani(f), rothaus(X)),
        ),
        "HWI with twice the curvature": Entry(
            relative_entropy(f) <= wasserstein(f) * sqrt(fisher_information(f)) - curvature_bound(X) * wasserstein(f) ** 2,
            because=(hwi(f),),
        ),
        "HWI with the gap for the curvature": Entry(
            relative_entropy(f)
            <= wasserstein(f) * sqrt(fisher_information(f)) - poincare_constant(X) * wasserstein(f) ** 2 / 2,
            because=(hwi(f),),
        ),
        "W2 below the dual norm": Entry(2 * wasserstein(f) <= dual_norm(f), because=(transport_dual(f),)),
        "chi2 with the wrong side": Entry(
            2 * chi2(f) <= poincare_constant(X) * wasserstein(f) ** 2, because=(transport_variance(f),)
        ),
        "Pinsker with one half": Entry(2 * mean_absolute(f) ** 2 <= relative_entropy(f), because=(pinsker(f),)),
        "perturbation without a bound": Entry(
            b * log_sobolev_constant(X) <= c * log_sobolev_constant(f), at="premise 1 of holley-stroock",
            given=(b + r <= c, r > 0), because=(holley_stroock(f, (b + c) / 2, (c - b) / 2),),
        ),
    },
    "Cauchy–Schwarz in the wrong inner product": {
        "dual norms for a plain product": Entry(
            abs(inner(f, h)) <= dual_norm(f) * dual_norm(h), because=(cauchy_schwarz(f, h),)
        ),
        "one dual norm": Entry(
            abs(inner(f, h)) <= norm(f) * dual_norm(h), because=(cauchy_schwarz(f, h), dual_cauchy_schwarz(f, h))
        ),
        "gradient in place of the function": Entry(
            abs(inner(grad(f), phi)) <= norm(f) * norm(phi), because=(cauchy_schwarz(grad(f), phi),)
        ),
        "square forgotten": Entry(
            inner(f, h) ** 2 <= norm(f) * norm(h), because=(cauchy_schwarz(f, h),)
        ),
        "reversed": Entry(norm(f) * norm(h) <= abs(inner(f, h)), because=(cauchy_schwarz(f, h),)),
        "L1 above L2": Entry(norm(u) <= mean_absolute(u), because=(jensen(u),)),
    },
    "functions that are not mean-zero": {
        "Poincaré without centring": Entry(
            alpha * norm(u) ** 2 <= norm(grad(u)) ** 2, given=(gap,), because=(poincare(u),)
        ),
        "norm of 1 + u": Entry(equation(norm(1 + u) ** 2, 1 + norm(u) ** 2)),
        "L^-1 L without centring": Entry(equation(inverse_generator(L(u)), u)),
        "a function is its centring": Entry(equation(center(u), u)),
        "mean of a product": Entry(equation(inner(f, h), inner(f, one(X)) * inner(h, one(X)))),
        "M f is mean-zero": Entry(equation(inner(S(f), one(X)), 0)),
        "slack without the mean-zero part": Entry(
            -monotonicity_slack(A) * norm(f) ** 2 <= inner(h, A(h)), because=(slack((A,), (h,)),)
        ),
    },
    "the wrong derivative of the kernel": {
        "K bounds the kernel": Entry(
            sup_norm(M(g)) <= K * dual_norm(g), given=(mixed_derivative_sup(M) <= K,),
            because=(mixed_derivative(M, x, v),),
        ),
        "K bounds the slice": Entry(
            norm(kernel_slice(M, x, v)) <= K, given=(mixed_derivative_sup(M) <= K,),
            because=(mixed_derivative(M, x, v),),
        ),
        "half of K": Entry(
            norm(grad(kernel_slice(M, x, v))) <= K / 2, given=(mixed_derivative_sup(M) <= K,),
            because=(mixed_derivative(M, x, v),),
        ),
        "K of another kernel": Entry(
            norm(grad(kernel_slice(M, x, v))) <= K, given=(mixed_derivative_sup(A) <= K,),
            because=(mixed_derivative(M, x, v),),
        ),
        "supremum from one point": Entry(
            sup_norm(grad(f)) <= c, at="restricted or left over",
            given=(abs(directional(grad(f), x, v)) <= c,), because=(supremum(grad(f), c, x, v),),
        ),
        "supremum from the mean": Entry(
            sup_norm(grad(f)) <= norm(grad(f)), at="premise 1 of supremum",
            because=(supremum(grad(f), norm(grad(f)), x, v),),
        ),
    },
    "Young with the wrong weights": {
        "swapped": Entry(2 * K * norm(f) * norm(h) <= eps * norm(f) ** 2 + K**2 * eps * norm(h) ** 2),
        "half too small": Entry(2 * norm(f) * norm(h) <= eps * norm(f) ** 2 + norm(h) ** 2 / (2 * eps)),
        "two weights below one": Entry(3 * a * b <= a**2 + b**2),
        "weight of the wrong sign": Entry(2 * a * b <= r * a**2 + b**2 / r, at="domain of claim"),
        "root of a sum": Entry(norm(f) + norm(h) <= sqrt(norm(f) ** 2 + norm(h) ** 2)),
    },
    "Grönwall": {
        "wrong sign of the premise": Entry(
            at_time(P, t) <= exp(-a * t) * at_time(P, 0), at="premise 1 of gronwall",
            given=(flow.derivative(P) <= a * P,), because=(gronwall(P, a, flow, t),),
        ),
        "wrong sign of the conclusion": Entry(
            exp(-a * t) * at_time(P, 0) <= at_time(P, t), given=(decay,), because=(gronwall(P, a, flow, t),),
        ),
        "an inequality from below": Entry(
            exp(-a * t) * at_time(P, 0) <= at_time(P, t), at="premise 1 of gronwall-below", given=(decay,),
            because=(gronwall_below(P, a, flow, t),),
        ),
        "backwards in time": Entry(
            at_time(P, t) <= exp(-a * (t - s)) * at_time(P, s), at="premise 3 of gronwall-from", given=(decay,),
            because=(gronwall_from(P, a, flow, s, t),),
        ),
        "a quantity that may grow": Entry(
            at_time(P, t) <= at_time(P, 0), at="premise 1 of decreasing",
            given=(flow.derivative(P) <= a * P,), because=(decreasing(P, flow, s, t),),
        ),
        "forcing without room": Entry(
            at_time(P, t) <= exp(-a * t) * (at_time(P, 0) + b * c / r), at="premise 3 of forced-decay",
            given=(flow.derivative(P) <= -a * P + b * Q, r**2 > 0), because=(forced_decay(P, Q, a, r, b, c, flow, t),),
        ),
        "the exponential above one": Entry(exp(a * t) <= 1, at="premise 1 of exp-decay", because=(exp_decay(a * t),)),
        "a later value at the start": Entry(at_time(P, 0) <= at_time(P, t), given=(decay,), because=(gronwall(P, a, flow, t),)),
    },
    "bootstrap": {
        "without smallness": Entry(
            inside, at="premise 2 of barrier", local=(decay, (inside,)), given=(),
            because=(barrier(P, b, c, a, flow, t),),
        ),
        "small at a later time": Entry(
            inside, at="premise 2 of barrier", given=(b * at_time(P, s) <= c, decay),
            because=(barrier(P, b, c, a, flow, t),),
        ),
        "no decay inside": Entry(
            inside, at="premise 1 of barrier", given=(b * at_time(P, 0) <= c, flow.derivative(P) <= a * P),
            because=(barrier(P, b, c, a, flow, t),),
        ),
        "Bernoulli at its pole": Entry(
            sqrt(at_time(P, t)) <= exp(-a * t) * sqrt(at_time(P, 0)) / (1 - b * sqrt(at_time(P, 0)) / a * (1 - exp(-a * t))),
            at="premise 2 of bernoulli", given=(flow.derivative(P) <= -2 * a * P + 2 * b * sqrt(P) * P,),
            because=(bernoulli(P, a, b, flow, t),),
        ),
        "the error absorbed without smallness": Entry(
            flow.derivative(P) <= -(a - eps) * P, given=(flow.derivative(P) <= -a * P + b * P**2,),
        ),
        "the assumption leaks": Entry(
            flow.derivative(P) <= -a * P, at="rests on an assumption", local=(flow.derivative(P) <= -a * P, (inside,)),
        ),
    },
    "projector": {
        "identity on all fields": Entry(equation(projector(phi), phi)),
        "larger norm": Entry(norm(phi) <= norm(projector(phi)), because=(projection(phi),)),
        "nine tenths": Entry(norm(projector(phi)) <= Fraction(9, 10) * norm(phi), because=(projection(phi),)),
        "not symmetric": Entry(equation(inner(projector(phi), psi), inner(phi, psi))),
        "grad* sees the whole field": Entry(
            alpha * norm(phi) ** 2 <= norm(grad_adjoint(phi)) ** 2, given=(gap,), because=(poincare_dual(grad_adjoint(phi)),)
        ),
        "orthogonal to what it projects": Entry(equation(inner(projector(phi), phi), 0)),
    },
    "two time scales": {
        "eta forgotten": Entry(
            equation(
                game.derivative(dual_norm(f) ** 2 + dual_norm(g) ** 2 / eta),
                -2 * tau * squared - 2 * error_x + 2 * error_y,
            )
        ),
        "eta on the wrong side": Entry(
            equation(
                game.derivative(eta * dual_norm(f) ** 2 + dual_norm(g) ** 2),
                -2 * tau * (chi2(f) + eta * chi2(g)) - 2 * error_x + 2 * error_y,
            )
        ),
    },
    "missing density": {
        "without sqrt(1 + Y^2)": Entry(norm((1 + f) * grad(u)) <= sup_norm(grad(u)), because=(hoelder(1 + f, grad(u)),)),
        "1 + Y for its root": Entry(equation(norm(1 + f), 1 + chi2(f))),
        "without the density in the drift": Entry(
            equation(mfld.derivative(chi2(f)), -2 * tau * norm(grad(f)) ** 2 - 2 * inner(grad(f), grad(S(f))))
        ),
        "Hölder without the supremum": Entry(norm(u * w) <= norm(u) * norm(w), because=(hoelder(u, w),)),
    },
    "signs of a game": {
        "both descend": Entry(
            equation(game.derivative(pair), -2 * tau * squared - 2 * error_x - 2 * error_y)
        ),
        "polymatrix without the sign": Entry(equation(inner(f, M(g)) + inner(g, M.T(f)), 0)),
        "not antisymmetric": Entry(equation(inner(f, A(h)), -inner(h, A(f)))),
        "not transposed": Entry(equation(inner(f, A(h)), inner(h, A(f)))),
        "L does not commute with M": Entry(equation(inner(f, L(A(f))), inner(f, A(L(f))))),
        "in L2 nothing cancels": Entry(
            equation(game.derivative(squared), -2 * tau * (norm(grad(f)) ** 2 + norm(grad(g)) ** 2))
        ),
        "a matrix bound of one entry": Entry(
            (a * norm(f) + b * norm(h)) ** 2 <= a**2 * (norm(f) ** 2 + norm(h) ** 2),
            because=(matrix_bound(((a, b),), (norm(f), norm(h))),),
        ),
        "a spectral norm below an entry": Entry(spectral_norm((a, b)) <= a, because=(matrix_bound(((a, b),), (P, Q)),)),
    },
    "order and signs of numbers": {
        "unsigned factor": Entry(r * P <= r * Q, given=(P <= Q,)),
        "reciprocals keep order": Entry(1 / a <= 1 / b, given=(a <= b,)),
        "difference of bounds": Entry(a - b <= c, given=(a <= 2 * c, b <= c)),
        "strict from weak": Entry(P < Q, given=(P <= Q,)),
        "square root above": Entry(sqrt(a) <= a),
        "chained the wrong way": Entry(P <= D, given=(P <= Q, D <= Q)),
        "triangle reversed": Entry(abs(a - b) <= abs(a) - abs(b)),
    },
}  # fmt: skip
