"""Rates of one model: measured, guaranteed by the theorems, conjectured, and by log-Sobolev."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from mflverify.dynamics.constants import Constants, constants, log_sobolev_bounds
from mflverify.dynamics.simulation import Limits, Progress, UndecidedError
from mflverify.dynamics.spectrum import Spectrum, linearised_spectrum
from mflverify.dynamics.torus_model import TorusModel
from mflverify.studies.model_file import TorusCase
from mflverify.studies.rates import RateFit, fit_rate
from mflverify.studies.trajectory import Simulation, simulate_case

_SPECTRUM_MODES = {1: 32, 2: 8, 3: 3}


@frozen(eq=False)
class Rates:
    """Rates of chi2 (squared quantities).

    guaranteed: 2 min_i eta_i alpha_i (tau_i - lambda), up to any epsilon; not positive when the
    theorems do not apply.  log_sobolev: the same with bounds of the log-Sobolev constants, from
    below and from above.  spectrum.rate: conjectured.  measured: fitted to a run.
    """

    constants: Constants
    guaranteed: float
    log_sobolev: tuple[float, float]
    spectrum: Spectrum
    measured: RateFit
    simulation: Simulation


def guaranteed_rate(found: Constants) -> float:
    """2 min_i eta_i alpha_i (tau_i - lambda): Theorems 3.8, 4.1, 4.2, 5.1 and Remark 5.1."""
    return _rate(found, found.alpha)


def _rate(found: Constants, gap: np.ndarray) -> float:
    return float(2 * np.min(found.timescale * gap * (found.temperature - found.slack)))


def rates(
    case: TorusCase, *, limits: Limits | None = None, progress: Progress | None = None
) -> Rates:
    """All rates of a case.

    The run lasts 60 divided by the conjectured rate.  Raises UndecidedError when the run is
    undecided or the conjectured rate is not positive, SpectrumError when the spectrum is.
    """
    model = case.model
    spectrum = linearised_spectrum(model, _SPECTRUM_MODES[model.dimension])
    if spectrum.rate <= 0:
        raise UndecidedError(
            f"the equilibrium is not linearly stable (rate {spectrum.rate:.6g}); no decay to fit"
        )
    simulation = simulate_case(
        case, 60 / spectrum.rate, outputs=240, limits=limits, progress=progress
    )
    run = simulation.run.require_resolved()
    found = constants(model)
    return Rates(
        constants=found,
        guaranteed=guaranteed_rate(found),
        log_sobolev=log_sobolev_rates(model, found),
        spectrum=spectrum,
        measured=fit_rate(run.times, run.chi2.sum(axis=1)),
        simulation=simulation,
    )


def log_sobolev_rates(model: TorusModel, found: Constants) -> tuple[float, float]:
    """The guaranteed rate with log-Sobolev constants in place of alpha, from below and above."""
    bounds = np.array([log_sobolev_bounds(potential) for potential in model.potentials])
    return _rate(found, bounds[:, 0]), _rate(found, bounds[:, 1])
