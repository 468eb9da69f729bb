"""False statements about how fast densities become more integrable: a lost factor, a dropped condition."""

from symbols import Entry, L, X, a, b, c, f, phi, s, t, tau

from mflverify.expr import (
    Flow,
    at_time,
    chi2,
    exp,
    grad_adjoint,
    lebesgue_norm,
    log_sobolev_constant,
    poincare_constant,
    sup_norm,
)
from mflverify.proof import Application, hypercontractive

drifted = Flow.of("drifted", {f: -tau * L(f) - grad_adjoint((1 + f) * phi)})
twice = Flow.of("twice as much", {f: -tau * L(f) - grad_adjoint((1 + f) * (2 * phi))})
cooler = Flow.of("cooler", {f: -tau / 2 * L(f) - grad_adjoint((1 + f) * phi)})
known = (a <= log_sobolev_constant(X), sup_norm(phi) ** 2 <= c)


def claim(rate=a * tau, share=c, power=2):
    """What the fact says for rate = rho tau and share = B."""
    left = exp(-rate * t)
    shrunk = exp(-share * (1 - left) / (a * tau**2))
    return shrunk * (1 + at_time(chi2(f), t)) <= at_time(lebesgue_norm(f, 1 + left), 0) ** power


def reason(flow=drifted, rho=a, size=c):
    return (hypercontractive(f, phi, size, tau, rho, flow, s, t),)


# fmt: off
SMOOTHING: dict[str, dict[str, Entry]] = {
    "hypercontractivity": {
        "twice as fast": Entry(claim(rate=2 * a * tau), given=known, because=reason()),
        "half of what the drift costs": Entry(claim(share=c / 2), given=known, because=reason()),
        "a norm for its square": Entry(claim(power=1), given=known, because=reason()),
        "the gap for the log-Sobolev constant": Entry(
            claim(), at="premise 3 of hypercontractive",
            given=(a <= poincare_constant(X), sup_norm(phi) ** 2 <= c), because=reason(),
        ),
        "twice the drift in the flow": Entry(
            claim(), at="premise 1 of hypercontractive", given=known, because=reason(twice)
        ),
        "less diffusion in the flow": Entry(
            claim(), at="premise 1 of hypercontractive", given=known, because=reason(cooler)
        ),
        "a drift that is small at the start": Entry(
            claim(), at="premise 2 of hypercontractive",
            given=(known[0], at_time(sup_norm(phi * (1 + f)), 0) ** 2 <= c),
            because=(hypercontractive(f, (1 + f) * phi, c, tau, a, Flow.of("own", {f: -tau * L(f) - grad_adjoint((1 + f) * ((1 + f) * phi))}), s, t),),
        ),
        "a drift that is bounded at one time": Entry(
            claim(), at="hypercontractive ranges over",
            given=(known[0], at_time(sup_norm(phi * (1 + f)), s) ** 2 <= c),
            because=(hypercontractive(f, (1 + f) * phi, c, tau, a, Flow.of("own", {f: -tau * L(f) - grad_adjoint((1 + f) * ((1 + f) * phi))}), s, t),),
        ),
        "a rate that is not known to be positive": Entry(
            claim(), at="is not known to be positive", given=known,
            because=(Application(hypercontractive, (f, phi, c, tau, a - b, drifted, s, t)),),
        ),
    },
}
# fmt: on
