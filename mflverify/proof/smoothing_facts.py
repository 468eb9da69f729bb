"""Facts about diffusions that make densities more integrable."""

from __future__ import annotations

from mflverify.expr.divergences import log_sobolev_constant
from mflverify.expr.language import at_time, chi2, equation, exp, generator, grad_adjoint, sup_norm
from mflverify.expr.lebesgue import lebesgue_norm
from mflverify.expr.sorts import SortError
from mflverify.expr.terms import Flow, FunctionSymbol, Parameter, Term, is_positive
from mflverify.proof.fact import Fact, require_constant
from mflverify.proof.statement import Content, Premise


def _hypercontractive(
    f: Term,
    drift: Term,
    size: Term,
    temperature: Term,
    rho: Term,
    flow: Flow,
    s: Parameter,
    t: Parameter,
) -> Content:
    """u = 1 + f with u' = -tau L u - grad*(u Phi) and |Phi|^2 <= B at all times s.

    With q(s) = 1 + (p - 1) exp(rho tau s) and I = int u^(q - 2) |grad u|^2 / int u^q,

        (log ||u||_q)' = -(q - 1) tau I + (q - 1) int u^(q-1) grad u . Phi / int u^q
                         + q'/q^2 Ent(u^q) / int u^q
                      <= -(q - 1) tau I + (q - 1) (tau I + B/tau) / 2 + q' I / (2 rho),

    by Young's inequality and Ent(u^q) <= q^2 int u^(q - 2) |grad u|^2 / (2 rho); q' = rho tau (q - 1), so
    that what is left is (q - 1) B / (2 tau) = q' B / (2 rho tau^2).  p = 1 + exp(-rho tau t) gives q(t) = 2.
    """
    moving = dict(flow.equations)
    if not (isinstance(f, FunctionSymbol) and f.kind == "perturbation" and f in moving):
        raise SortError(f"{f!r} is no perturbation that {flow!r} moves")
    if s == t:
        raise SortError(f"{s!r} is both the time of the claim and any time")
    for name, number in (("temperature", temperature), ("rho", rho)):
        if not is_positive(number):
            raise SortError(f"{name} = {number!r} is not known to be positive")
    require_constant(flow, t, size=size, temperature=temperature, rho=rho)
    require_constant(flow, s, size=size, temperature=temperature, rho=rho)
    left = exp(-rho * temperature * t)
    shrunk = exp(-size * (1 - left) / (rho * temperature**2))  # undoes the growth
    start = at_time(lebesgue_norm(f, 1 + left), 0)
    rate = -temperature * generator(f) - grad_adjoint((1 + f) * drift)
    return Content(
        conclusions=(shrunk * (1 + at_time(chi2(f), t)) <= start**2,),
        premises=(
            Premise(equation(moving[f], rate)),
            Premise(at_time(sup_norm(drift), s) ** 2 <= size),
            Premise(rho <= log_sobolev_constant(f.space)),
            Premise(t >= 0),
        ),
        generic=(s,),
    )


hypercontractive = Fact(
    "hypercontractive",
    "A log-Sobolev inequality and |Phi|^2 <= B: u' = -tau L u - grad*(u Phi) has ||u(t)||_2^2 <= "
    "exp(B (2 - p)/(rho tau^2)) ||u(0)||_p^2 for p = 1 + exp(-rho tau t)",
    "Gross, Amer. J. Math. 97 (1975), Theorem 1; Bakry–Gentil–Ledoux (2014), Theorem 5.2.3; half of the "
    "diffusion pays for the drift, by Young's inequality",
    _hypercontractive,
)

SMOOTHING_FACTS: tuple[Fact, ...] = (hypercontractive,)
