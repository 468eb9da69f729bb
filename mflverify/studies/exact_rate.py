"""Rates of one model: measured, guaranteed by the theorems, conjectured, and by log-Sobolev."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.exponential import Array
from mflverify.dynamics.simulation import Limits, Progress
from mflverify.dynamics.spectrum import Spectrum
from mflverify.studies.cases import Case
from mflverify.studies.rates import RateFit, fit_rate
from mflverify.studies.trajectory import Simulation, simulate_case


@frozen
class Settling:
    """How long a run must be for its decay to be that of the slowest mode alone.

    gap: between the two least different real parts in the spectrum.  settled: whether that is
    affordable.
    """

    duration: float
    gap: float
    settled: bool


@frozen(eq=False)
class Rates:
    """Rates of chi2 (squared quantities).

    guaranteed: 2 min_i eta_i alpha_i (tau_i - lambda), up to any epsilon; not positive when the
    theorems do not apply.  log_sobolev: the same with bounds of the log-Sobolev constants, from
    below and from above.  spectrum.rate: conjectured.  measured: fitted to a run.  undecided: why
    it is not there, or not to be believed; empty if it is.
    """

    constants: Constants
    guaranteed: float
    log_sobolev: tuple[float, float]
    spectrum: Spectrum
    measured: RateFit | None
    simulation: Simulation | None
    undecided: str


def chi2_frequency(spectrum: Spectrum) -> float:
    """The frequency at which chi2 oscillates in the end: twice that of the slowest eigenvalue."""
    return 2 * abs(complex(spectrum.eigenvalues[0]).imag)


def settling(spectrum: Spectrum) -> Settling:
    """Forty relaxation times, ten over the gap, four periods of chi2; at most 500 relaxation times.

    Where that is not enough, a fitted slope may belong to a mixture of modes or to a part of an
    oscillation, and no error bar that is made from the slopes alone would tell: the measurement is
    not settled.
    """
    real = np.real(spectrum.eigenvalues)
    others = real[real > real[0] + 1e-7 * abs(real[0])]
    gap = float(others.min() - real[0]) if len(others) else np.inf
    frequency = chi2_frequency(spectrum)
    turning = 8 * np.pi / frequency if frequency > 1e-7 * abs(real[0]) else 0.0
    needed = max(40 / spectrum.rate, 10 / gap, turning)
    longest = 500 / spectrum.rate
    return Settling(min(needed, longest), gap, needed <= longest * (1 + 1e-9))


def outputs_for(needed: Settling, spectrum: Spectrum) -> int:
    """At least 240, and ten for each oscillation of chi2."""
    turns = needed.duration * chi2_frequency(spectrum) / (2 * np.pi)
    return int(np.clip(np.ceil(10 * turns), 240, 4000))


def guaranteed_rate(found: Constants) -> float:
    """2 min_i eta_i alpha_i (tau_i - lambda): Theorems 3.8, 4.1, 4.2, 5.1 and Remark 5.1."""
    return _rate(found, found.alpha)


def _rate(found: Constants, gap: Array) -> float:
    return float(2 * np.min(found.timescale * gap * (found.temperature - found.slack)))


def rates(case: Case, *, limits: Limits | None = None, progress: Progress | None = None) -> Rates:
    """All rates of a case.

    The run lasts as `settling` says; a run that is undecided, or an equilibrium that is not stable,
    leaves the other rates.  Raises SpectrumError when the spectrum is undecided.
    """
    spectrum = case.spectrum()
    simulation, measured, undecided = None, None, ""
    if spectrum.rate <= 0:
        undecided = "the equilibrium is not linearly stable: no decay to fit"
    else:
        needed = settling(spectrum)
        simulation = simulate_case(
            case,
            needed.duration,
            outputs=outputs_for(needed, spectrum),
            limits=limits,
            progress=progress,
        )
        run, undecided = simulation.run, simulation.run.reason
        if not undecided:
            values, frequency = run.chi2.sum(axis=1), chi2_frequency(spectrum)
            measured = fit_rate(run.times, values, frequency=frequency)
        if measured is not None and not needed.settled:
            undecided = (
                f"about {measured.rate:.4g}; slowest modes nearly tie (gap {needed.gap:.2g}) "
                "or turn too slowly"
            )
    found = case.constants()
    return Rates(
        constants=found,
        guaranteed=guaranteed_rate(found),
        log_sobolev=log_sobolev_rates(case.log_sobolev(), found),
        spectrum=spectrum,
        measured=measured,
        simulation=simulation,
        undecided=undecided,
    )


def log_sobolev_rates(bounds: Array, found: Constants) -> tuple[float, float]:
    """The guaranteed rate with log-Sobolev constants, bounds of shape (n, 2), in place of alpha."""
    return _rate(found, bounds[:, 0]), _rate(found, bounds[:, 1])
