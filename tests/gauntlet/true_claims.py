"""True statements in forms that nobody would choose.  None may be refuted."""

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
    Y,
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
    directional,
    divergence,
    dot,
    dual_norm,
    equation,
    equilibrium_convexity,
    exp,
    fisher_information,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    jacobian_square,
    kernel_along,
    kernel_slice,
    log_sobolev_constant,
    maximum,
    mean_absolute,
    minimum,
    mixed_derivative_sup,
    norm,
    one,
    poincare_constant,
    projector,
    reciprocal,
    relative_entropy,
    score,
    sqrt,
    sup_norm,
    wasserstein,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.proof import (
    barrier,
    cauchy_schwarz,
    commutation,
    convexity,
    decreasing,
    division,
    dual_cauchy_schwarz,
    entropy_variance,
    exponential,
    gradient_product,
    gronwall,
    gronwall_below,
    gronwall_from,
    hoelder,
    hoelder_one,
    jensen,
    kernel_by_parts,
    log_sobolev,
    mixed_derivative,
    otto_villani,
    pinsker,
    poincare,
    poincare_dual,
    projection,
    rothaus,
    symmetric_hessian,
    transport_dual,
    transport_variance,
    triangle,
    weighted_cauchy_schwarz,
    weighted_convexity,
    weighted_divergence,
    weighted_poincare,
)

gap = alpha <= poincare_constant(X)
decay = flow.derivative(P) <= -a * P
inv = inverse_generator

weight = a * one(X) + w**2

TRUE: dict[str, Entry] = {
    # the algebra, in disguise
    "the projector twice": Entry(equation(projector(projector(phi)), projector(phi))),
    "the projector moved": Entry(equation(inner(projector(phi), psi), inner(phi, projector(psi)))),
    "a gradient is its projection": Entry(equation(projector(grad(u)) - grad(u), 0 * grad(u))),
    "the mean of a divergence": Entry(
        equation(inner(one(X), divergence(phi)), inner(phi, score(X))), because=(weighted_divergence(phi, one(X)),)
    ),
    "Lemma A.2 for a sum": Entry(
        equation(
            norm(grad_adjoint(phi + psi)) ** 2,
            inner(one(X), jacobian_square(phi + psi)) + inner(one(X), curvature(phi + psi)),
        ),
        because=(commutation(phi + psi, one(X)),),
    ),
    "a carré du champ along itself": Entry(
        equation(2 * inner(u * phi, advection(grad(w), grad(w))), inner(u * phi, grad(dot(grad(w), grad(w))))),
        because=(gradient_product(w, w, u * phi),),
    ),
    "a Hessian at three gradients": Entry(
        equation(inner(grad(f), advection(grad(h), grad(u))), inner(grad(h), advection(grad(f), grad(u)))),
        because=(symmetric_hessian(u, grad(f), grad(h), one(X)),),
    ),
    "a kernel by parts, transposed": Entry(
        equation(inner(u, kernel_along(A, phi)), inner(grad(A.T(u)), phi)), because=(kernel_by_parts(A, phi, u),)
    ),
    "convexity of two temperatures": Entry(
        equilibrium_convexity(X, a) * norm(grad(u)) ** 2 <= (a + b) * norm(L(u)) ** 2, because=(convexity(u, a),)
    ),
    "a weight between two fields": Entry(
        inner(phi, grad(u)) ** 2 <= inner(weight * phi, phi) * inner(reciprocal(weight) * grad(u), grad(u)),
        because=(weighted_cauchy_schwarz(phi, grad(u), weight),),
    ),
    "a weighted gap of a sum": Entry(
        weighted_poincare_constant(weight) * norm(center(u + f)) ** 2
        <= inner(reciprocal(weight) * (grad(u) + grad(f)), grad(u + f)),
        because=(weighted_poincare(weight, u + f),),
    ),
    "a weighted convexity at a potential": Entry(
        weighted_convexity_constant(weight) * inner(weight * grad(inv(f)), grad(inv(f))) <= chi2(f),
        because=(weighted_convexity(weight, inv(f)),),
    ),
    "a weight divided out": Entry(
        equation(inner(reciprocal(weight) * phi, w**2 * psi), inner(phi, psi) - a * inner(reciprocal(weight) * phi, psi)),
        because=(division(weight, phi, psi),),
    ),
    "grad* forgets the rest": Entry(equation(grad_adjoint(phi - projector(phi)), 0 * u)),
    "L^-1 moved three times": Entry(equation(inner(inv(inv(f)), L(L(h))), inner(f, h))),
    "the dual norm of L f": Entry(equation(dual_norm(L(f)) ** 2, norm(grad(f)) ** 2)),
    "a norm by its square": Entry(equation(norm(grad(inv(f))), sqrt(inner(f, inv(f))))),
    "polarisation": Entry(equation(4 * inner(u, w), norm(u + w) ** 2 - norm(u - w) ** 2)),
    "parallelogram": Entry(equation(norm(u + w) ** 2 + norm(u - w) ** 2, 2 * norm(u) ** 2 + 2 * norm(w) ** 2)),
    "Pythagoras for the mean": Entry(equation(norm(u) ** 2, norm(center(u)) ** 2 + inner(u, one(X)) ** 2)),
    "centring twice": Entry(equation(center(center(u)), center(u))),
    "cross terms of a game": Entry(equation(inner(f, M(g)) - inner(g, M.T(f)), 0)),
    "a commutator in a product": Entry(equation(inner(u, L(w)) - inner(L(u), w), 0)),
    "Leibniz": Entry(equation(grad(u * w), u * grad(w) + w * grad(u))),
    "by parts with a weight": Entry(equation(inner(u * phi, grad(w)), inner(grad_adjoint(u * phi), w))),
    "a pointwise product": Entry(equation(inner(dot(phi, psi), u), inner(u * phi, psi))),
    "a slice by parts": Entry(equation(directional(grad(M(g)), x, v), inner(kernel_slice(M, x, v), g))),
    "symmetric kernels": Entry(equation(inner(S(f), h), inner(f, S(h)))),
    "the mean of grad*": Entry(equation(inner(grad_adjoint(phi), one(X)), 0)),
    "1 + f": Entry(equation(norm(1 + f) ** 2 - 1, chi2(f))),
    "minus a minus": Entry(equation(-(-1 * norm(f)), norm(f))),
    "two time scales": Entry(
        equation(
            heat.derivative(eta * chi2(f) / eta), -2 * tau * norm(grad(f)) ** 2
        )
    ),
    "game without cross terms": Entry(
        equation(
            game.derivative(dual_norm(f) ** 2) + game.derivative(dual_norm(g) ** 2),
            game.derivative(dual_norm(f) ** 2 + dual_norm(g) ** 2),
        )
    ),
    "derivative of a power": Entry(
        equation(heat.derivative(chi2(f) ** 2), -4 * tau * chi2(f) * norm(grad(f)) ** 2)
    ),
    # facts, with constants moved about
    "Poincaré with everything on one side": Entry(
        0 <= norm(grad(f)) ** 2 / alpha - chi2(f), given=(gap,), because=(poincare(f),)
    ),
    "Poincaré in roots": Entry(
        sqrt(alpha) * norm(f) <= norm(grad(f)), given=(gap,), because=(poincare(f),)
    ),
    "Poincaré with a smaller constant": Entry(
        alpha / 7 * dual_norm(f) ** 2 <= chi2(f), given=(gap,), because=(poincare_dual(f),)
    ),
    "twice Poincaré": Entry(
        alpha**2 * dual_norm(f) ** 2 <= norm(grad(f)) ** 2, given=(gap,),
        because=(poincare(f), poincare_dual(f)),
    ),
    "Poincaré for sums": Entry(
        poincare_constant(X) * norm(center(u) + center(w)) ** 2 <= norm(grad(u) + grad(w)) ** 2,
        because=(poincare(u + w),),
    ),
    "Cauchy–Schwarz from below": Entry(-norm(u) * norm(w) <= inner(u, w), because=(cauchy_schwarz(u, w),)),
    "Cauchy–Schwarz squared": Entry(inner(u, w) ** 2 <= norm(u) ** 2 * norm(w) ** 2, because=(cauchy_schwarz(u, w),)),
    "interpolation": Entry(
        chi2(f) ** 2 <= dual_norm(f) ** 2 * norm(grad(f)) ** 2, because=(cauchy_schwarz(grad(inv(f)), grad(f)),)
    ),
    "dual pairing": Entry(
        abs(inner(f, inv(h))) <= dual_norm(f) * dual_norm(h), because=(dual_cauchy_schwarz(f, h),)
    ),
    "the projector of a sum": Entry(
        norm(projector(phi) + projector(psi)) <= norm(phi + psi), because=(projection(phi + psi),)
    ),
    "dual norm of a divergence": Entry(dual_norm(grad_adjoint(phi)) <= norm(phi), because=(projection(phi),)),
    "Hölder twice": Entry(
        norm(u * (w * grad(f))) <= norm(u) * sup_norm(w * grad(f)), because=(hoelder(u, w * grad(f)),)
    ),
    "Hölder with one": Entry(abs(inner(u, w)) <= mean_absolute(u) * sup_norm(w), because=(hoelder_one(u, w),)),
    "the mean by Jensen": Entry(inner(u, one(X)) ** 2 <= norm(u) ** 2, because=(jensen(u),)),
    "triangle for a difference": Entry(norm(u - w) - norm(w) <= norm(u), because=(triangle(u, -w),)),
    "twice the bound of a slice": Entry(
        norm(grad(kernel_slice(M, x, v))) <= 2 * K - K, given=(mixed_derivative_sup(M) <= K,),
        because=(mixed_derivative(M, x, v),),
    ),
    "entropy below chi2": Entry(exp(relative_entropy(f)) - 1 <= chi2(f), because=(entropy_variance(f),)),
    "Pinsker by chi2": Entry(
        mean_absolute(f) ** 2 / 2 <= chi2(f), because=(pinsker(f), entropy_variance(f))
    ),
    "transport by Fisher information": Entry(
        log_sobolev_constant(X) ** 2 * wasserstein(f) ** 2 <= fisher_information(f),
        because=(otto_villani(f), log_sobolev(f)),
    ),
    "transport by chi2": Entry(
        wasserstein(f) <= sqrt(2 / alpha) * norm(f), given=(gap,), because=(transport_variance(f),)
    ),
    "transport by the dual norm": Entry(wasserstein(f) ** 2 / 4 <= dual_norm(f) ** 2, because=(transport_dual(f),)),
    "constants in order": Entry(
        eps <= poincare_constant(Y), given=(eps <= log_sobolev_constant(Y),), because=(rothaus(Y),)
    ),
    # differential inequalities
    "Grönwall read backwards": Entry(
        exp(a * t) * at_time(P, t) <= at_time(P, 0), given=(decay,), because=(gronwall(P, a, flow, t),)
    ),
    "Grönwall for a sum": Entry(
        at_time(P, t) + at_time(Q, t) <= exp(-a * t) * (at_time(P, 0) + at_time(Q, 0)),
        given=(flow.derivative(P) <= -a * P - b * Q, flow.derivative(Q) <= (b - a) * Q),
        because=(gronwall(P + Q, a, flow, t),),
    ),
    "growth is decay at a negative rate": Entry(
        at_time(P, t) <= exp(a * t) * at_time(P, 0), given=(flow.derivative(P) <= a * P,),
        because=(gronwall(P, -a, flow, t),),
    ),
    "from below": Entry(
        at_time(P, 0) <= exp(a * t) * at_time(P, t), given=(flow.derivative(P) >= -a * P,),
        because=(gronwall_below(P, a, flow, t),),
    ),
    "after a while": Entry(
        at_time(P, s + t) <= exp(-a * t) * at_time(P, s), given=(decay,),
        because=(gronwall_from(P, a, flow, s, s + t),),
    ),
    "an exact rate": Entry(
        equation(at_time(P, t) * exp(a * t), at_time(P, 0)), given=(equation(flow.derivative(P), -a * P),),
        because=(exponential(P, a, flow, t),),
    ),
    "decreasing at zero": Entry(
        at_time(P, t) <= at_time(P, 0), given=(decay,), because=(decreasing(P, flow, 0 * t, t),)
    ),
    "a barrier in other units": Entry(
        at_time(P, t) <= c / b * exp(-a * t), given=(b * at_time(P, 0) <= c, decay),
        because=(barrier(P, b, c, a, flow, t),),
    ),
    # numbers
    "Young in disguise": Entry(2 * a * b <= eps * a**2 + b**2 / eps),
    "Young for three": Entry(a * b + b * c + c * a <= a**2 + b**2 + c**2),
    "reciprocals": Entry(1 / b <= 1 / a, given=(a <= b,)),
    "a quotient in parts": Entry(equation((a + b) / (a * b), 1 / a + 1 / b)),
    "roots": Entry(equation(sqrt(a) * sqrt(b) * sqrt(a * b), a * b)),
    "root of a square": Entry(equation(sqrt(a**2), a)),
    "power of a power": Entry(equation((a**2) ** Fraction(3, 2), a**3)),
    "absolute values": Entry(abs(r) ** 2 <= r**2),
    "the larger of two": Entry(a + b <= 2 * maximum(a, b)),
    "the smaller of two": Entry(2 * minimum(a, b) <= a + b),
    "a sandwich": Entry(equation(P, Q), given=(P <= Q, Q <= P)),
    "a chain of three": Entry(P < a + D, given=(P <= Q, Q < D + a)),
    "exponentials multiply": Entry(equation(exp(a) * exp(-b), exp(a - b))),
    "kernel and its transpose": Entry(equation(inner(A(f), h) + inner(A.T(f), h), inner(f, A.T(h)) + inner(f, A(h)))),
}  # fmt: skip
