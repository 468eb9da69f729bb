"""Lemma 3.9 on 10,000 random instances: vectorised over instances, against one instance at a time.

Run with one BLAS thread: OMP_NUM_THREADS=1 python benchmarks/sampled.py
"""

from time import perf_counter

import numpy as np

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    dual_norm,
    grad,
    mixed_derivative_sup,
    sup_norm,
)
from mflverify.models import Request, TorusFamily

X, Y = Space("X"), Space("Y")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
K = Parameter("K", "positive")
CLAIM = sup_norm(grad(M(g))) <= K * dual_norm(g)
REQUEST = Request.of(CLAIM, hypotheses=[mixed_derivative_sup(M) <= K])


def seconds(size: int, repeat: int) -> float:
    """Seconds for `repeat` batches of `size` instances, drawing included."""
    rng = np.random.default_rng(0)
    start = perf_counter()
    for _ in range(repeat):
        batch = TorusFamily().draw(REQUEST, rng, size)
        assert np.all(batch.evaluate(CLAIM.lhs) <= batch.evaluate(CLAIM.rhs) * (1 + 1e-9))
    return perf_counter() - start


if __name__ == "__main__":
    seconds(10, 1)
    batched, single = seconds(10_000, 1), seconds(1, 100) * 100
    print(f"10,000 instances in one batch    {batched:8.2f} s")
    print(f"10,000 instances one at a time   {single:8.2f} s (from 100)")
    print(f"ratio                            {single / batched:8.1f}")
