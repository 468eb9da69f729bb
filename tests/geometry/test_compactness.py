"""Proposition 3.5 on Galerkin truncations: the eigenvalues of grad M grad* tend to 0, and how fast.

The kernel k(x, x') = sum_j j^(-p) 2 cos j(x - x') is of no finite rank.  On the uniform circle
grad M grad* has the eigenvalues j^(2 - p), twice each; on a weighted one they are compared with the
Hilbert–Schmidt norm: the n-th largest is at most that over sqrt(n).
"""

import numpy as np
import pytest

POINTS = 512


def truncation(density, power, modes, terms=120):
    """Eigenvalues, largest first, of <Phi, grad M grad* Phi> / ||Phi||^2 on gradients of modes <= n.

    density: of the equilibrium on equispaced points, mean 1.
    """
    x = np.arange(POINTS) * 2 * np.pi / POINTS
    j = np.arange(1, modes + 1)[:, None]
    fields = np.concatenate([np.cos(j * x), np.sin(j * x)])
    n = np.arange(1, terms + 1)[:, None]
    weights = np.repeat(n[:, 0].astype(float) ** -power, 2)
    waves = np.stack([-n * np.sin(n * x), n * np.cos(n * x)], axis=1).reshape(2 * terms, POINTS)
    moments = (fields * density) @ waves.T / POINTS  # <grad e, Phi> = <e, grad* Phi>
    form = moments * weights @ moments.T * 2
    metric = (fields * density) @ fields.T / POINTS
    inverse = np.linalg.inv(np.linalg.cholesky(metric))
    return np.sort(np.linalg.eigvalsh(inverse @ form @ inverse.T))[::-1]


def hilbert_schmidt(density, power, terms=120):
    """The norm of grad grad' k in L2(equilibrium x equilibrium)."""
    x = np.arange(POINTS) * 2 * np.pi / POINTS
    n = np.arange(1, terms + 1)[:, None]
    profile = 2 * np.sum(n ** (2.0 - power) * np.cos(n * x), axis=0)
    shifts = (np.arange(POINTS)[:, None] - np.arange(POINTS)[None]) % POINTS
    return np.sqrt(density @ profile[shifts] ** 2 @ density) / POINTS


@pytest.mark.parametrize("power", [3, 4])
def test_the_rate_on_the_uniform_circle(power):
    values = truncation(np.ones(POINTS), power, 40)
    j = np.repeat(np.arange(1, 41), 2)
    assert values == pytest.approx(j ** (2.0 - power), rel=1e-9)


@pytest.mark.parametrize("kappa", [0.5, 2.0])
def test_they_tend_to_zero_on_a_weighted_circle(kappa):
    x = np.arange(POINTS) * 2 * np.pi / POINTS
    density = np.exp(kappa * np.cos(x))
    density /= density.mean()
    size = hilbert_schmidt(density, 3)
    lowest = []
    for modes in (5, 10, 20, 40):
        values = truncation(density, 3, modes)
        n = np.arange(1, len(values) + 1)
        assert np.all(values <= size / np.sqrt(n) + 1e-12)
        assert np.sum(values**2) <= size**2 * (1 + 1e-9)
        lowest.append(values[-1])
    if kappa == 2.0:
        assert lowest == pytest.approx([0.0350, 0.0111, 0.00431, 0.00186], rel=5e-3)
    ratios = np.array(lowest[1:]) / np.array(lowest[:-1])
    assert np.all(ratios < 0.62)  # like 1/n, so one half in the limit


def test_the_identity_would_be_noticed():
    """j^2 j^-2 = 1: with grad grad' k a delta function nothing tends to 0."""
    assert truncation(np.ones(POINTS), 2, 40)[-1] == pytest.approx(1)
