"""False neighbours of facts about inner products, numbers and time: a factor, a condition, a side."""

from symbols import (
    Entry,
    P,
    Q,
    X,
    a,
    b,
    c,
    eps,
    f,
    flow,
    h,
    s,
    t,
    u,
    w,
)

from mflverify.expr import (
    RemainderSymbol,
    at_time,
    dual_norm,
    equation,
    exp,
    fisher_information,
    grad,
    inner,
    inverse_generator,
    log_sobolev_constant,
    mean_absolute,
    norm,
    poincare_constant,
    relative_entropy,
    sqrt,
    sup_norm,
    third_derivative_sup,
)
from mflverify.proof import (
    bernoulli,
    decreasing,
    dual_cauchy_schwarz,
    exp_decay,
    exp_monotone,
    exponential,
    finite_cauchy_schwarz,
    forced_decay,
    gronwall_below,
    gronwall_from,
    hoelder_one,
    holley_stroock,
    log_sobolev,
    pinsker,
    rothaus,
    second_order,
    triangle,
)

R = RemainderSymbol("R", (X,), X)
force, third = sup_norm(grad(R(f))), third_derivative_sup(R)
start = sqrt(at_time(P, 0))
slow = at_time(Q, t) <= c * exp(-(a + eps) * t)
forced = flow.derivative(P) <= -a * P + b * Q
decay = flow.derivative(P) <= -a * P
grows = flow.derivative(P) >= -a * P

NEIGHBOURS: dict[str, dict[str, Entry]] = {
    "inner products, again": {
        "half of the dual pairing": Entry(
            2 * abs(inner(f, inverse_generator(h))) <= dual_norm(f) * dual_norm(h),
            because=(dual_cauchy_schwarz(f, h),),
        ),
        "half of a finite sum": Entry(
            2 * a * c <= sqrt(a**2) * sqrt(c**2), because=(finite_cauchy_schwarz((a,), (c,)),)
        ),
        "one vector twice": Entry(
            a * c <= sqrt(a**2) * sqrt(a**2), because=(finite_cauchy_schwarz((a,), (c,)),)
        ),
        "half of Hölder": Entry(
            2 * abs(inner(u, w)) <= mean_absolute(u) * sup_norm(w), because=(hoelder_one(u, w),)
        ),
        "L1 twice": Entry(
            abs(inner(u, w)) <= mean_absolute(u) * mean_absolute(w), because=(hoelder_one(u, w),)
        ),
        "one side of a triangle": Entry(norm(u + w) <= norm(u), because=(triangle(u, w),)),
        "half of a triangle": Entry(
            2 * sup_norm(u + w) <= sup_norm(u) + sup_norm(w), because=(triangle(u, w),)
        ),
        "half of a remainder": Entry(
            force <= third / 4 * dual_norm(f) ** 2, because=(second_order(R, f),)
        ),
        "a remainder of first order": Entry(
            force <= third / 2 * dual_norm(f), because=(second_order(R, f),)
        ),
    },
    "entropies, again": {
        "Pinsker without its square": Entry(
            mean_absolute(f) <= 2 * relative_entropy(f), because=(pinsker(f),)
        ),
        "log-Sobolev with the gap": Entry(
            2 * poincare_constant(X) * relative_entropy(f) <= fisher_information(f),
            because=(log_sobolev(f), rothaus(X)),
        ),
        "a perturbation for free": Entry(
            log_sobolev_constant(X) <= log_sobolev_constant(f),
            given=(sup_norm(1 + f - a) <= b, b < a),
            because=(holley_stroock(f, a, b),),
        ),
    },
    "exponentials": {
        "half": Entry(2 * exp(-a) <= 1, because=(exp_decay(-a),)),
        "monotone the wrong way": Entry(
            exp(b) <= exp(a), given=(a <= b,), because=(exp_monotone(a, b),)
        ),
        "monotone without an order": Entry(
            exp(a) <= exp(b), at="premise 1 of exp-monotone", because=(exp_monotone(a, b),)
        ),
        "monotone by half": Entry(
            2 * exp(a) <= exp(b), given=(a <= b,), because=(exp_monotone(a, b),)
        ),
    },
    "in time, again": {
        "Bernoulli with more growth": Entry(
            sqrt(at_time(P, t)) <= exp(-a * t) * start / (1 - b * start / a * (1 - exp(-a * t))),
            at="premise 1 of bernoulli",
            given=(flow.derivative(P) <= -2 * a * P + 3 * b * sqrt(P) * P, b * start < a),
            because=(bernoulli(P, a, b, flow, t),),
        ),
        "forced with half the forcing": Entry(
            at_time(P, t) <= exp(-a * t) * (at_time(P, 0) + b * c / (2 * eps)),
            given=(forced,),
            local=(slow, ()),
            because=(forced_decay(P, Q, a, eps, b, c, flow, t),),
        ),
        "a later start at twice the rate": Entry(
            at_time(P, s + t) <= exp(-2 * a * t) * at_time(P, s),
            given=(decay,),
            because=(gronwall_from(P, a, flow, s, s + t),),
        ),
        "from below at half the rate": Entry(
            exp(-a * t / 2) * at_time(P, 0) <= at_time(P, t),
            given=(grows,),
            because=(gronwall_below(P, a, flow, t),),
        ),
        "an exact rate from an inequality": Entry(
            equation(at_time(P, t) * exp(a * t), at_time(P, 0)),
            at="premise 1 of exponential",
            given=(decay,),
            because=(exponential(P, a, flow, t),),
        ),
        "an exact rate, twice": Entry(
            equation(at_time(P, t) * exp(2 * a * t), at_time(P, 0)),
            given=(equation(flow.derivative(P), -a * P),),
            because=(exponential(P, a, flow, t),),
        ),
        "decreasing backwards": Entry(
            at_time(P, s) <= at_time(P, s + t),
            given=(decay,),
            because=(decreasing(P, flow, s, s + t),),
        ),
    },
}
