"""Several species with forces that are not affine: Lemma 5.4 and the inequalities of Theorem 5.1.

V_i = V_i[mu_bar] + sum_j M_ij f_j + R_i[mu], at one temperature.  As for Lemma 3.10, the remainders
are expanded along (1 + s f) mu_bar, so that they are of second order in the dual norms.
"""

from attrs import frozen

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    RemainderSymbol,
    Space,
    Term,
    as_term,
    chi2,
    dual_norm,
    equation,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    monotonicity_slack,
    norm,
    poincare_constant,
    spectral_norm,
    sqrt,
    sup_norm,
    third_derivative_sup,
)
from mflverify.proof import (
    Application,
    Statement,
    cauchy_schwarz,
    dual_cauchy_schwarz,
    finite_cauchy_schwarz,
    hoelder,
    matrix_bound,
    projection,
    second_order,
)

from . import coupling as c
from .coupling import squares, total
from .notation import K, T, alpha, lam, tau
from .species import Species
from .species_inequalities import drifts_of, errors_of, families, inequality

Matrix = tuple[tuple[Term, ...], ...]


def third_derivatives(R: RemainderSymbol) -> Matrix:
    """T_jk of one force: the suprema of its third derivatives in the arguments j and k"""
    n = len(R.sources)
    return tuple(tuple(third_derivative_sup(R, j, k) for k in range(n)) for j in range(n))


def forces_beyond(n: int) -> tuple[tuple[FunctionSymbol, ...], RemainderSymbol, Statement]:
    """Lemma 5.4 for one of the forces on any space, with the states and the force."""
    f = families[n].f
    R = RemainderSymbol("R", families[n].spaces, Space("Z"))
    rows = third_derivatives(R)
    size = [dual_norm(h) for h in f]
    image = [total(x * y for x, y in zip(row, size, strict=True)) for row in rows]
    result = Statement(
        f"lem-5.4[n={n}]",
        "The forces beyond their linear parts are of second order",
        kind="lemma",
        given=[spectral_norm(*rows) <= T],
        source="Lemma 5.4 in the stronger form with the dual norms",
    )
    root = result.step(
        "image", sqrt(squares(image)) <= T * sqrt(squares(size)), because=[matrix_bound(rows, size)]
    )
    form = result.step(
        "form",
        total(x * y for x, y in zip(size, image, strict=True)) <= T * squares(size),
        because=[root, finite_cauchy_schwarz(size, image)],
    )
    result.conclude(
        "bound",
        sup_norm(grad(R(*f))) <= T / 2 * squares(size),
        because=[form, second_order(R, *f)],
    )
    return f, R, result


sizes = (2,)
lemma = {n: forces_beyond(n) for n in sizes}
second_order_forces = {n: statement for n, (_, _, statement) in lemma.items()}


@frozen
class Forces:
    """n species at one temperature, their remainders, and the flow with them.

    linear: the species without the remainders; `flow` is the one to look at.
    """

    linear: Species
    beyond: tuple[RemainderSymbol, ...]
    flow: Flow

    @property
    def sizes(self) -> tuple[Term, ...]:
        """T_i: the spectral norm of the third derivatives of each force"""
        return tuple(spectral_norm(*third_derivatives(R)) for R in self.beyond)

    @property
    def size(self) -> Term:
        """The Euclidean norm of the T_i"""
        return sqrt(squares(self.sizes))

    def push(self, i: int) -> Term:
        """(1 + f_i) grad R_i"""
        return (1 + self.linear.f[i]) * grad(self.beyond[i](*self.linear.f))


def plain(s: Species) -> dict[Term, Term]:
    """One temperature, one timescale, equal shares of the slack."""
    one = as_term(1)
    return {
        **dict.fromkeys(s.tau, tau),
        **dict.fromkeys(s.eta, one),
        **dict.fromkeys(s.weight, one),
    }


def forces(n: int) -> Forces:
    """Symbols and flow of n species with any forces."""
    s = families[n].at(plain(families[n]))
    beyond = tuple(RemainderSymbol(f"R_{i}", s.spaces, x) for i, x in enumerate(s.spaces, 1))
    moves = {
        h: rhs - grad_adjoint((1 + h) * grad(R(*s.f)))
        for (h, rhs), R in zip(s.flow.equations, beyond, strict=True)
    }
    return Forces(s, beyond, Flow.of(f"{n} species with any forces", moves))


def lemma_5_4(n: int, s: Forces, i: int) -> Application:
    """Lemma 5.4 for species i, with its own bound."""
    states, force, small = lemma[n]
    return small.at(
        {force: s.beyond[i], T: s.sizes[i], **dict(zip(states, s.linear.f, strict=True))}
    )


def general_inequalities(n: int, s: Forces) -> Statement:
    """The inequalities of Theorem 5.1, before chi2 is taken for the dual norm in the remainders."""
    f, dual, squared = s.linear.f, s.linear.dual, s.linear.chi2
    result = Statement(
        f"eq-5.5-forces[n={n}]",
        f"Differential inequalities for {n} species with any forces",
        kind="lemma",
        given=[
            monotonicity_slack(*s.linear.operators) <= lam,
            s.linear.coupling <= K,
            s.size <= T,
            *(alpha <= poincare_constant(x) for x in s.linear.spaces),
        ],
        source="(5.5) and (5.6) with the remainders",
    )
    affine = inequality[n].at(plain(families[n]))
    p, z, d, u = (c.numbers(name, n) for name in "pzdu")

    def summed(against: list[Term]) -> Application:
        images = zip((*p, *z, *d, *u), (*p, *map(norm, f), *against, *s.sizes), strict=True)
        return c.over_species[n].at({**dict(images), c.size: s.size})

    # first line
    errors = total(errors_of(s.linear, i) for i in range(n))
    remainders = [inner(f[i], inverse_generator(grad_adjoint(s.push(i)))) for i in range(n)]
    derivative = result.step(
        "dual-derivative",
        equation(
            s.flow.derivative(dual),
            -2 * tau * squared - 2 * s.linear.form - 2 * errors - 2 * total(remainders),
        ),
    )
    single = [
        result.step(
            f"remainder-{i + 1}",
            -remainders[i] <= s.sizes[i] / 2 * dual * dual_norm(f[i]) * sqrt(1 + chi2(f[i])),
            because=[
                dual_cauchy_schwarz(f[i], grad_adjoint(s.push(i))),
                projection(s.push(i)),
                hoelder(1 + f[i], grad(s.beyond[i](*f))),
                lemma_5_4(n, s, i),
            ],
        )
        for i in range(n)
    ]
    remainder = result.step(
        "remainders",
        -total(remainders) <= s.size / 2 * dual * sqrt(dual) * sqrt(1 + squared),
        because=[*single, summed([dual_norm(h) for h in f])],
    )
    result.conclude(
        "dual",
        s.flow.derivative(dual)
        <= -2 * (tau - lam) * squared
        + 2 * K * dual * sqrt(squared)
        + T * dual * sqrt(dual) * sqrt(1 + squared),
        because=[derivative, affine, remainder],
    )

    # second line
    drifts = total(drifts_of(s.linear, i) for i in range(n))
    pushes = [inner(grad(f[i]), s.push(i)) for i in range(n)]
    growth = result.step(
        "chi2-derivative",
        equation(
            s.flow.derivative(squared),
            -2 * tau * s.linear.dirichlet - 2 * drifts - 2 * total(pushes),
        ),
    )
    single = [
        result.step(
            f"push-{i + 1}",
            -pushes[i] <= s.sizes[i] / 2 * dual * norm(grad(f[i])) * sqrt(1 + chi2(f[i])),
            because=[
                cauchy_schwarz(grad(f[i]), s.push(i)),
                hoelder(1 + f[i], grad(s.beyond[i](*f))),
                lemma_5_4(n, s, i),
            ],
        )
        for i in range(n)
    ]
    pushed = result.step(
        "pushes",
        -total(pushes) <= s.size / 2 * dual * sqrt(s.linear.dirichlet) * sqrt(1 + squared),
        because=[*single, summed([norm(grad(h)) for h in f])],
    )
    result.conclude(
        "chi2",
        s.flow.derivative(squared)
        <= -2 * tau * s.linear.dirichlet
        + sqrt(s.linear.dirichlet) * sqrt(1 + squared) * (2 * K * sqrt(dual) + T * dual),
        because=[growth, affine, pushed],
    )
    result.conclude("gap-dual", alpha * dual <= squared, because=[affine])
    return result


general = {n: forces(n) for n in sizes}
general_inequality = {n: general_inequalities(n, s) for n, s in general.items()}
