"""What is computed once for equal rows belongs to each of them."""

import numpy as np
import pytest

from mflverify.expr import KernelSymbol, Space
from mflverify.models.float_torus import FloatTorus, grid, positive_density, trig_basis

X = Space("X")
K = KernelSymbol("K", X, X)
ORDER = [0, 1, 0, 2, 1, 1, 0, 2]


@pytest.fixture
def rows():
    return np.random.default_rng(3).normal(size=(3, 5, 5))


def test_suprema_of_equal_kernels(rows):
    backend = FloatTorus({}, len(ORDER))
    alone = [backend.mixed_sup((K, row[None]))[0] for row in rows]
    assert len(set(alone)) == 3
    assert backend.mixed_sup((K, rows[ORDER])).tolist() == [alone[i] for i in ORDER]


def test_gaps_of_equal_densities(rows):
    densities = positive_density(rows[:, 0] @ trig_basis(5, grid()))
    alone = [FloatTorus({X: row[None]}, 1).poincare(X)[0] for row in densities]
    assert len(set(alone)) == 3
    together = FloatTorus({X: densities[ORDER]}, len(ORDER)).poincare(X)
    assert together.tolist() == [alone[i] for i in ORDER]
