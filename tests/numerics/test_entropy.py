"""The entropy of a density near its equilibrium, in floats against mpmath."""

import mpmath
import numpy as np

from mflverify.numerics.entropy import entropy_density


def test_no_cancellation_on_either_side_of_the_switch() -> None:
    sizes = np.array([1e-12, 1e-7, 3e-4, 0.0199999, 0.0200001, 0.3, 0.999, 5.0])
    values = np.concatenate([sizes, -sizes[:-1], [-1.0, 0.0]])
    with mpmath.workdps(60):
        exact = [
            float((1 + mpmath.mpf(f)) * mpmath.log1p(f) - mpmath.mpf(f)) if f > -1 else 1.0
            for f in values.tolist()
        ]
    np.testing.assert_allclose(entropy_density(values), exact, rtol=4e-13, atol=0)


def test_below_vacuum_there_is_no_value() -> None:
    assert np.isnan(entropy_density(np.array([-1.5]))).all()
