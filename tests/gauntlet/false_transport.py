"""False statements about functionals along transports: a lost factor, a dropped part, a wrong side."""

from symbols import Entry, X, f, h

from mflverify.expr import (
    RemainderSymbol,
    chi2,
    dual_norm,
    grad,
    poincare_constant,
    second_derivative_sup,
    sup_norm,
    third_derivative_sup,
    wasserstein,
)
from mflverify.proof import second_order, transport_dual, transport_taylor, transport_variance

R = RemainderSymbol("R", (X,), X)
force = sup_norm(grad(R(f)))
T1, T2 = third_derivative_sup(R), second_derivative_sup(R)

TRANSPORT: dict[str, dict[str, Entry]] = {
    "Taylor along a transport": {
        "half of the constant": Entry(
            force <= (T1 + T2) / 4 * wasserstein(f) ** 2, because=(transport_taylor(R, f),)
        ),
        "without the Hessian": Entry(
            force <= T1 / 2 * wasserstein(f) ** 2, because=(transport_taylor(R, f),)
        ),
        "without the third derivative": Entry(
            force <= T2 / 2 * wasserstein(f) ** 2, because=(transport_taylor(R, f),)
        ),
        "the distance unsquared": Entry(
            force <= (T1 + T2) / 2 * wasserstein(f), because=(transport_taylor(R, f),)
        ),
        "W2 for the dual norm in the linear form": Entry(
            force <= T1 / 2 * wasserstein(f) ** 2, because=(second_order(R, f), transport_dual(f))
        ),
        "half of chi2": Entry(
            poincare_constant(X) * force <= (T1 + T2) / 2 * chi2(f),
            because=(transport_taylor(R, f), transport_variance(f)),
        ),
        "the dual norm without its factor four": Entry(
            force <= (T1 + T2) / 2 * dual_norm(f) ** 2,
            because=(transport_taylor(R, f), transport_dual(f)),
        ),
        "a function that is no density": Entry(
            sup_norm(grad(R(h))) <= (T1 + T2) / 2 * wasserstein(f) ** 2,
            because=(transport_taylor(R, f),),
        ),
    },
}
