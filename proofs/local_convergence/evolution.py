"""(1.1), (1.3), (1.4), (4.4): the evolution of the measures themselves, tested with functions.

For mu = (1 + f) mu_bar moved by d mu/dt = div(mu grad F'[mu]) + tau Laplace mu,

    d/dt int phi d mu = int (tau Laplace phi - grad phi . grad F'[mu]) d mu.

At equilibrium F'[mu_bar] + tau log mu_bar is constant, so that grad F'[mu] is
tau grad U + grad M f (+ grad R[mu]) with mu_bar = e^{-U}.  The equations for f say just this.
"""

from mflverify.expr import (
    FunctionSymbol,
    Term,
    divergence,
    dot,
    equation,
    grad,
    inner,
    score,
)
from mflverify.proof import Statement, weighted_divergence

from .coupling import total
from .notation import M, R, S, X, Y, descent_ascent, f, g, general_mfld, mfld, tau
from .proposition_3_3 import langevin
from .species import Species
from .species_inequalities import families, games

phi = FunctionSymbol("phi", X)


def tested(density: Term, test: Term, temperature: Term, force: Term) -> Term:
    """int (tau Laplace phi - grad phi . force) d mu for the relative density of mu."""
    return inner(density, temperature * divergence(grad(test)) - dot(grad(test), force))


quadratic = Statement(
    "eq-1.1",
    "Mean-field Langevin dynamics, relative to equilibrium",
    kind="identities",
    source="(1.1) and (2.2), with F'' = k",
)
parts = weighted_divergence(grad(phi), 1 + f)
quadratic.conclude(
    "evolution",
    equation(
        mfld.derivative(inner(phi, f)),
        tested(1 + f, phi, tau, tau * score(X) + grad(S(f))),
    ),
    because=[parts],
)

general = Statement(
    "eq-1.1-general",
    "Mean-field Langevin dynamics of any functional, relative to equilibrium",
    kind="identities",
    source="(1.1) and (3.6)",
)
general.conclude(
    "evolution",
    equation(
        general_mfld.derivative(inner(phi, f)),
        tested(1 + f, phi, tau, tau * score(X) + grad(S(f)) + grad(R(f))),
    ),
    because=[parts],
)

linear = Statement(
    "eq-3.2",
    "Langevin dynamics, relative to equilibrium, time rescaled by the temperature",
    kind="identities",
    source="(3.2)",
)
linear.conclude(
    "evolution",
    equation(
        tau * langevin.derivative(inner(phi, f)),
        tested(1 + f, phi, tau, tau * score(X)),
    ),
    because=[parts],
    note="V = F' is tau U, up to a constant",
)


psi = FunctionSymbol("psi", Y)
game = Statement(
    "eq-4.1",
    "Descent-ascent, relative to equilibrium",
    kind="identities",
    source="(1.3), (4.1) and (4.2)",
)
game.conclude(
    "evolution-x",
    equation(
        descent_ascent.derivative(inner(phi, f)),
        tested(1 + f, phi, tau, tau * score(X) + grad(M(g))),
    ),
    because=[parts],
)
game.conclude(
    "evolution-y",
    equation(
        descent_ascent.derivative(inner(psi, g)),
        tested(1 + g, psi, tau, tau * score(Y) - grad(M.T(f))),
    ),
    because=[weighted_divergence(grad(psi), 1 + g)],
)


def measures(label: str, title: str, s: Species) -> Statement:
    """The flow of several species as the evolution of their measures."""
    statement = Statement(
        label, title, kind="identities", source="(1.4), (5.1); for games (1.3), (4.1) and (4.4)"
    )
    tests = [FunctionSymbol(f"phi{i + 1}", space) for i, space in enumerate(s.spaces)]
    for i, (test, state) in enumerate(zip(tests, s.f, strict=True)):
        force = total([s.tau[i] * score(s.spaces[i]), *(grad(p(s.f[p.key])) for p in s.payoffs[i])])
        statement.conclude(
            f"evolution-{i + 1}",
            equation(
                s.flow.derivative(inner(test, state)),
                s.eta[i] * tested(1 + state, test, s.tau[i], force),
            ),
            because=[weighted_divergence(grad(test), 1 + state)],
        )
    return statement


several = {
    n: measures(f"eq-5.1[n={n}]", "Flows of several species", s) for n, s in families.items()
}
players = {
    n: measures(f"eq-4.4[n={n}]", "Descent-ascent of several players, relative to equilibrium", s)
    for n, s in games.items()
}
