"""Hypothesis strategies for instances: public, composable, shrinking to few modes and small numbers.

>>> from hypothesis import given, settings
>>> from mflverify.expr import FunctionSymbol, Space, dual_norm, norm
>>> from mflverify.models import Request, interpret
>>> from mflverify.strategies import instances
>>> f = FunctionSymbol("f", Space("X"), "perturbation")
>>> request = Request.of(f)
>>> @settings(max_examples=5, database=None, derandomize=True)
... @given(instances(request, uniform=True))
... def poincare_on_the_uniform_torus(data):
...     instance = interpret(data, request, "exact")
...     assert instance.evaluate(dual_norm(f) ** 2) <= instance.evaluate(norm(f) ** 2)
>>> poincare_on_the_uniform_torus()
"""

from mflverify.strategies.instances import (
    batches,
    coefficients,
    instances,
    instances_on,
    kernels,
)
from mflverify.strategies.objects import (
    directions,
    equilibria,
    fields,
    gaussian_kernels,
    interactions,
    payoffs,
    perturbations,
    positive_rationals,
    rationals,
)
from mflverify.strategies.systems import flows, functionals, games, networks

__all__ = [
    "batches",
    "coefficients",
    "directions",
    "equilibria",
    "fields",
    "flows",
    "functionals",
    "games",
    "gaussian_kernels",
    "instances",
    "instances_on",
    "interactions",
    "kernels",
    "networks",
    "payoffs",
    "perturbations",
    "positive_rationals",
    "rationals",
]
