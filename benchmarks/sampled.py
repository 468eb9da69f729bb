"""Lemma 3.9 on random float instances: instances a second and core, and how that adds up.

On circles functions live on 64 points (32 modes) and kernels have 5 modes; drawing, solving for K and evaluating
both sides all count.  Rates are per second of processor time, so other work on the machine does
not change them.

Run with one BLAS thread: OMP_NUM_THREADS=1 python benchmarks/sampled.py [PROCESSES]
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter, process_time

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
from mflverify.models import (
    CYLINDER_FAMILY,
    DOUBLE_WELL_FAMILY,
    TORUS_2_FAMILY,
    Family,
    Request,
    TorusFamily,
)

X, Y = Space("X"), Space("Y")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
K = Parameter("K", "positive")
CLAIM = sup_norm(grad(M(g))) <= K * dual_norm(g)
REQUEST = Request.of(CLAIM, hypotheses=[mixed_derivative_sup(M) <= K])
GOAL = 20_000
CIRCLES = TorusFamily()
PRODUCTS = (TORUS_2_FAMILY, CYLINDER_FAMILY, DOUBLE_WELL_FAMILY)


def seconds(size: int, repeat: int, seed: int = 0, family: Family = CIRCLES) -> float:
    """Processor seconds for `repeat` batches of `size` instances, drawing included."""
    rng = np.random.default_rng(seed)
    start = process_time()
    for _ in range(repeat):
        batch = family.draw(REQUEST, rng, size)
        assert batch.size == size
        assert np.all(batch.evaluate(CLAIM.lhs) <= batch.evaluate(CLAIM.rhs) * (1 + 1e-9))
    return process_time() - start


def rate(seed: int) -> float:
    """Instances a second of one process, in batches of 4,000."""
    seconds(4_000, 1, seed)
    return 40_000 / seconds(4_000, 10, seed)


if __name__ == "__main__":
    seconds(10, 1)
    single = 100 / seconds(1, 100)
    print(f"one at a time        {single:10,.0f} instances a second")
    for size in (250, 1_000, 4_000):
        repeat = 40_000 // size
        print(f"in batches of {size:<6,} {40_000 / seconds(size, repeat):10,.0f}")
    for family in PRODUCTS:
        seconds(10, 1, family=family)  # moments are computed once
        print(f"{family.name:20} {40_000 / seconds(4_000, 10, family=family):10,.0f}")
    for count in range(1, int(sys.argv[1]) + 1 if len(sys.argv) > 1 else 1):
        start = perf_counter()
        with ProcessPoolExecutor(count) as pool:
            rates = list(pool.map(rate, range(count)))
        wall = perf_counter() - start
        each = ", ".join(f"{r:,.0f}" for r in rates)
        print(
            f"{count} processes          {sum(rates):10,.0f} in all ({each}), {wall:.1f} s on the clock"
        )
    print(f"goal                 {GOAL:10,} a second and core")
