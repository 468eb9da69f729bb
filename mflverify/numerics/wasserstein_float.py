"""W2^2 in float64 for batches, and by linear programming in any dimension. Nothing is certified."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

FloatArray = NDArray[np.float64]


def _batch(name: str, values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] == 0 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite of shape (B, n), n > 0: shape {array.shape}")
    return array


def _pair(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = _batch("x", x), _batch("y", y)
    if first.shape != second.shape:
        raise ValueError(f"x and y must have one shape: {first.shape}, {second.shape}")
    return first, second


def wasserstein_squared_line_samples(x: ArrayLike, y: ArrayLike) -> FloatArray:
    """W2^2 between equally weighted samples on the line; x, y of shape (B, n), result (B,).

    Exact up to rounding: sorted samples are matched in order.
    Raises ValueError if the shapes differ or a value is not finite.
    """
    first, second = _pair(x, y)
    return np.mean((np.sort(first, axis=1) - np.sort(second, axis=1)) ** 2, axis=1)


def wasserstein_squared_circle_samples(x: ArrayLike, y: ArrayLike) -> FloatArray:
    """W2^2 between equally weighted angles, period 2 pi, arc length; shapes as on the line.

    Exact up to rounding: for a convex cost the best matching of sorted angles is a cyclic shift
    (Delon, Salomon, Sobolevski 2010). Uses O(n^2) time a row.
    """
    first, second = _pair(x, y)
    period = 2 * np.pi
    size = first.shape[1]
    first, second = np.sort(first % period, axis=1), np.sort(second % period, axis=1)
    lifted = np.concatenate([second - period, second, second + period], axis=1)
    result = np.empty(len(first))
    for row, (a, b) in enumerate(zip(first, lifted, strict=True)):
        windows = sliding_window_view(b, size)
        squares = np.convolve(b * b, np.ones(size), mode="valid")
        costs = (a @ a + squares - 2 * windows @ a) / size
        best = int(np.argmin(costs))
        result[row] = np.mean((a - windows[best]) ** 2)  # without the expansion's cancellation
    return result


def quantiles_on_circle(density: FloatArray) -> FloatArray:
    """F at the M + 1 points 2 pi j/M, from 0 to 1, for a positive density on the grid of M points.

    The antiderivative is spectral, so exact for a trigonometric polynomial below the Nyquist mode.
    """
    size = len(density)
    coefficients = np.fft.rfft(density / density.mean())
    modes = np.arange(len(coefficients))
    coefficients[1:] = coefficients[1:] / (1j * modes[1:])
    if size % 2 == 0:
        coefficients[-1] = 0.0  # the Nyquist mode has no derivative, hence no antiderivative
    coefficients[0] = 0.0
    oscillating = np.fft.irfft(coefficients, n=size) / (2 * np.pi)
    values = np.arange(size) / size + oscillating - oscillating[0]
    return np.append(values, 1.0)


def circle_cut(mu: FloatArray, nu: FloatArray, levels: int = 8192) -> tuple[float, float]:
    """The best cut theta and its cost, in units of the period, for densities on uniform grids."""
    s = (np.arange(levels) + 0.5) / levels
    source = np.interp(s, quantiles_on_circle(mu), np.arange(len(mu) + 1) / len(mu))
    one = quantiles_on_circle(nu)[:-1]
    knots = np.concatenate([one - 1, one, one + 1, [2.0]])
    points = np.arange(-len(nu), 2 * len(nu) + 1) / len(nu)

    def cost(cut: float) -> float:
        return float(np.mean((np.interp(s + cut, knots, points) - source) ** 2))

    found = minimize_scalar(cost, bounds=(-0.75, 0.75), method="bounded", options={"xatol": 1e-9})
    return float(found.x), float(found.fun)


def wasserstein_squared_circle_densities(mu: ArrayLike, nu: ArrayLike) -> FloatArray:
    """W2^2 on the circle of length 2 pi between positive densities on a uniform grid.

    mu, nu of shape (B, M), values at 2 pi j/M, each normalised here; result (B,). The quantile
    functions are interpolated linearly: relative error about M^-2.
    Raises ValueError if a value is not positive and finite or the shapes differ.
    """
    first, second = _pair(mu, nu)
    for name, array in (("mu", first), ("nu", second)):
        if not (array > 0).all():
            raise ValueError(f"{name} must be positive, its minimum is {array.min()}")
    costs = [circle_cut(a, b)[1] for a, b in zip(first, second, strict=True)]
    return (2 * np.pi) ** 2 * np.array(costs)


def wasserstein_squared_points(
    x: ArrayLike,
    y: ArrayLike,
    weights_x: ArrayLike | None = None,
    weights_y: ArrayLike | None = None,
    *,
    period: float | None = None,
) -> float:
    """W2^2 between weighted points in R^d, or on a torus of the given period, any d.

    x of shape (n, d), y of shape (m, d), weights (n,) and (m,) positive with sum 1 (default equal).
    Solved as a linear program by POT (package `pot`); an oracle for small n, m.
    Raises ModuleNotFoundError if POT is missing, ValueError if shapes or weights are wrong.
    """
    try:
        import ot  # noqa: PLC0415
    except ImportError as error:
        message = "wasserstein_squared_points needs POT: pip install pot"
        raise ModuleNotFoundError(message, name="ot") from error
    first, second = _batch("x", x), _batch("y", y)
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"x and y must have one dimension: {first.shape}, {second.shape}")
    weights = [
        _weights("weights_x", weights_x, len(first)),
        _weights("weights_y", weights_y, len(second)),
    ]
    difference = first[:, None, :] - second[None, :, :]
    if period is not None:
        if not period > 0:
            raise ValueError(f"period must be positive: {period}")
        difference -= period * np.round(difference / period)
    cost: Any = ot.emd2(weights[0], weights[1], np.sum(difference**2, axis=2))
    return float(cost)


def _weights(name: str, values: ArrayLike | None, size: int) -> FloatArray:
    if values is None:
        return np.full(size, 1.0 / size)
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (size,) or not (array >= 0).all() or abs(array.sum() - 1) > 1e-9:
        raise ValueError(f"{name} must be {size} non-negative numbers with sum 1: {array!r}")
    return array
