"""The linearised flow on the line, computed twice."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigvals

from mflverify.dynamics.line_flow import LineFlow, LineModel
from mflverify.dynamics.spectrum import Spectrum, SpectrumError, checked_enclosure, eigen


def line_spectrum(
    model: LineModel, modes: int = 48, *, agreement: float = 1e-7, enclosed: bool = False
) -> Spectrum:
    """The spectrum in `modes` eigenfunctions, checked with half as many again.

    The second computation has other Hermite functions and does not use the symmetric form.
    enclosed: also against a proved enclosure of the rate, where there is one.  Raises SpectrumError
    when the two rates differ by more than `agreement`, relative to the larger of the rate and the
    first eigenvalue of the diffusion, or the rate is that far outside the enclosure.
    """
    coarse, fine = LineFlow(model, modes), LineFlow(model, modes + modes // 2)
    values, left, right = eigen(coarse.hessian_matrix())
    temperatures = np.diag(np.repeat(model.temperatures, fine.modes))
    diffusion = (fine.decay / np.array(model.temperatures)[:, None]).reshape(-1)
    other = eigvals(diffusion[:, None] * (fine.interaction_matrix() + temperatures))
    rate, second = 2 * complex(values[0]).real, 2 * float(np.real(other).min())
    difference = abs(rate - second)
    tolerance = agreement * max(float(coarse.decay[:, 0].max()), abs(rate))
    if not difference <= tolerance:
        raise SpectrumError(f"two computations of the rate give {rate:.10g} and {second:.10g}")
    enclosure = checked_enclosure(model, rate, tolerance) if enclosed else None
    return Spectrum(values, rate, difference, 1 / abs(complex(np.vdot(left, right))), enclosure)
