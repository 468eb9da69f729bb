"""Remark 5.4: sections 3 and 4 as the cases n = 1 and n = 2 of section 5.

For n = 1 the payoff is symmetric, as the second variation of a functional is; for n = 2 the own
payoffs vanish and M_21 = -M_12^T.  What is moved, and how X and Y move, are then the same.
"""

from collections.abc import Mapping

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Substitution,
    Term,
    as_term,
    chi2,
    dual_norm,
    equation,
    inner,
    multiple,
    replace_kernels,
)
from mflverify.proof import Statement

from .coupling import total
from .notation import M, R, S, X, Y, descent_ascent, f, g, general_mfld, mfld, tau
from .species import Species
from .species_forces import forces
from .species_inequalities import families

tests = (FunctionSymbol("u", X), FunctionSymbol("w", Y))


def compare(
    result: Statement, special: Flow, known: Flow, states: tuple[FunctionSymbol, ...]
) -> None:
    """Both flows move all states alike, and the dual norm and chi2 with them."""
    moves, others = dict(special.equations), dict(known.equations)
    for number, (h, test) in enumerate(zip(states, tests, strict=False), 1):
        result.conclude(f"flow-{number}", equation(inner(test, moves[h]), inner(test, others[h])))
    dual = total(dual_norm(h) ** 2 for h in states)
    squared = total(chi2(h) for h in states)
    for name, term in (("dual", dual), ("chi2", squared)):
        result.conclude(
            name,
            equation(special.derivative(term), known.derivative(term)),
            note="left along the flow of section 5, right along that of the earlier section",
        )


def one_scale(s: Species, images: Mapping[Term, Term]) -> Substitution:
    """One temperature and one timescale, and the symbols of the earlier section."""
    one = as_term(1)
    return Substitution.of({**dict.fromkeys(s.tau, tau), **dict.fromkeys(s.eta, one), **images})


one = families[1]
own = one.payoffs[0][0].operator
gradient_flow = Statement(
    "rem-5.4[n=1]",
    "Mean-field Langevin dynamics is the case of one species",
    kind="identities",
    source="Remark 5.4: V_1 = F'",
)
compare(gradient_flow, one_scale(one, {one.f[0]: f, own: S})(one.flow), mfld, (f,))

any_force = forces(1)
general = Statement(
    "rem-5.4-forces[n=1]",
    "The flow of a general functional is the case of one species",
    kind="identities",
    source="Remark 5.4: V_1 = F'",
)
put = Substitution.of({one.f[0]: f, own: S, any_force.beyond[0]: R})
compare(general, put(any_force.flow), general_mfld, (f,))

two = families[2]
names = {k.name: k for k in two.operators if isinstance(k, KernelSymbol)}
payoff = names["M_12"]
opposite = {
    names["M_11"]: multiple(0, names["M_11"]),
    names["M_22"]: multiple(0, names["M_22"]),
    names["M_21"]: multiple(-1, payoff.T),
}
zero_sum = one_scale(two, {two.f[0]: f, two.f[1]: g, payoff: M})
game = Statement(
    "rem-5.4[n=2]",
    "Descent-ascent is the case of two species with opposite payoffs",
    kind="identities",
    source="Remark 5.4: V_1 = int k d mu^y, V_2 = -int k d mu^x",
)
compare(game, zero_sum(replace_kernels(two.flow, opposite)), descent_ascent, (f, g))
game.conclude(
    "5.2",
    equation(zero_sum(replace_kernels(two.form, opposite)), 0),
    note="linearly monotone, with equality",
)
