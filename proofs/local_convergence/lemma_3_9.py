"""Lemma 3.9: the gradient of M f is bounded by the dual norm of f."""

from mflverify.expr import (
    directional,
    dual_norm,
    equation,
    grad,
    inner,
    inverse_generator,
    kernel_slice,
    mixed_derivative_sup,
    norm,
    sup_norm,
)
from mflverify.proof import Statement, cauchy_schwarz, mixed_derivative, supremum

from .notation import K, M, g, v, x

lemma_3_9 = Statement(
    "lem-3.9",
    "The gradient of the interaction is controlled by the dual norm",
    kind="lemma",
    given=[mixed_derivative_sup(M) <= K],
    source="Lemma 3.9, in the cross form used for games",
)

slope = kernel_slice(M, x, v)  # y -> v . grad_x k(x, y)
potential = grad(inverse_generator(g))

value = lemma_3_9.step(
    "by-parts",
    equation(directional(grad(M(g)), x, v), inner(grad(slope), potential)),
    note="the value is <slope, g>, and g = grad* grad L^-1 g",
)
length = lemma_3_9.step(
    "potential-norm",
    equation(norm(potential), dual_norm(g)),
)
pointwise = lemma_3_9.step(
    "pointwise",
    abs(directional(grad(M(g)), x, v)) <= K * dual_norm(g),
    because=[
        value,
        length,
        cauchy_schwarz(grad(slope), potential),
        mixed_derivative(M, x, v),
    ],
)
lemma_3_9.conclude(
    "bound",
    sup_norm(grad(M(g))) <= K * dual_norm(g),
    because=[pointwise, supremum(grad(M(g)), K * dual_norm(g), x, v)],
)
