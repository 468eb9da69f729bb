"""Lemma A.1: weighted Poincaré inequalities and the operator grad*.

The weight is A = a + b^2: any smooth positive function bounded below, times the identity.  From (i)
at grad L^-1 g follows (ii) at g; from (ii) at g follows (i) at A^-1 grad g.  On the line every field is
of the last form, and (i) and (ii) are equivalent.  Where A^-1 grad g is no gradient they are not:
(ii) is weaker (findings).  With c A for A, the lemma would say that the best constants c in (i) and (ii)
are equal.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    equation,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    norm,
    one,
    reciprocal,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    division,
    weighted_cauchy_schwarz,
    weighted_convexity,
    weighted_poincare_optimal,
)

from .notation import X

a = Parameter("a", "positive")
b = FunctionSymbol("b", X)
g = FunctionSymbol("g", X, "mean-zero")
A = a * one(X) + b**2
weighted = inner(reciprocal(A) * grad(g), grad(g))  # <grad g, A^-1 grad g>

potential = grad(inverse_generator(g))
dual = Statement(
    "lem-A.1-dual",
    "A function is between the gradient of its potential and its own, with a weight and its inverse",
    kind="lemma",
    source="Lemma A.1; [4, Lemma 1]",
)
square = dual.step(
    "by-parts",
    equation(norm(g) ** 2, inner(potential, grad(g))),
    note="g = grad* grad L^-1 g",
)
dual.conclude(
    "cauchy-schwarz",
    norm(g) ** 4 <= inner(A * potential, potential) * weighted,
    because=[square, weighted_cauchy_schwarz(potential, grad(g), A)],
)

forward = Statement(
    "lem-A.1-forward",
    "A bound of grad* on gradients gives a weighted Poincaré inequality",
    kind="lemma",
    given=[inner(A * potential, potential) <= norm(grad_adjoint(potential)) ** 2],
    source="Lemma A.1, (i) implies (ii), at each function",
)
forward.conclude(
    "ii",
    norm(g) ** 2 <= weighted,
    because=[dual, weighted_cauchy_schwarz(potential, grad(g), A)],
)

best = weighted_convexity_constant(A)
lemma = Statement(
    "lem-A.1",
    "The best constant on gradients is at most that of the weighted Poincaré inequality",
    kind="lemma",
    source="Lemma A.1: (i) implies (ii); the paper claims the converse too",
)
ii = lemma.step(
    "ii",
    best * norm(g) ** 2 <= weighted,
    because=[
        dual,
        weighted_cauchy_schwarz(potential, grad(g), A),
        weighted_convexity(A, inverse_generator(g)),
    ],
)
at_most = lemma.conclude(
    "at-most",
    best <= weighted_poincare_constant(A),
    because=[ii, weighted_poincare_optimal(best, A, g)],
    note="if (i) holds for all gradients, then (ii) for all mean-zero g, with the same c A",
)
lemma.step(
    "equivalent",
    equation(best, weighted_poincare_constant(A)),
    acknowledged=at_most,
    note="as the lemma has it: (ii) for all g implies (i) for all gradients",
)

field = reciprocal(A) * grad(g)
backward = Statement(
    "lem-A.1-converse",
    "A weighted Poincaré inequality bounds grad* on weighted gradients",
    kind="lemma",
    given=[norm(g) ** 2 <= weighted],
    source="Lemma A.1, (ii) implies (i), for the fields A^-1 grad g",
)
size = backward.step(
    "size",
    equation(inner(A * field, field), weighted),
    because=[division(A, grad(g), field)],
)
pairing = backward.step(
    "by-parts",
    weighted <= norm(grad_adjoint(field)) * norm(g),
    because=[cauchy_schwarz(grad_adjoint(field), g)],
)
backward.conclude(
    "i",
    inner(A * field, field) <= norm(grad_adjoint(field)) ** 2,
    because=[size, pairing],
)
