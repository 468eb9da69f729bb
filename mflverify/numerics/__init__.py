"""Certified numerics: what a user imports.

>>> from mflverify.numerics import LogTrigDensity, TrigPolynomial, poincare_constant
>>> alpha = poincare_constant(LogTrigDensity(TrigPolynomial((0, -1))))  # exp(cos x)/Z
>>> print(alpha)
[1.16549653046..., 1.16549653046...]

What is certified, and by which theorem: docs/numerics.md and docs/poincare.md. The modules are
loaded when a name is first used: some need SciPy, which is slow to import.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mflverify.numerics.density import (
        Gaussian,
        LogPolynomialDensity,
        LogTrigDensity,
        TrigDensity,
        UniformTorus,
    )
    from mflverify.numerics.dual_norm import (
        dual_norm_squared,
        hermite_dual_norm_squared,
        uniform_dual_norm_squared,
    )
    from mflverify.numerics.dual_norm_torus import TwoSided, torus_dual_norm_squared
    from mflverify.numerics.integrand import (
        VARIABLE,
        absolute,
        as_integrand,
        constant,
        exp,
        log,
        sqrt,
    )
    from mflverify.numerics.line_quadrature import WeightedLine, line_integral
    from mflverify.numerics.log_sobolev import log_sobolev_constant
    from mflverify.numerics.poincare import poincare_constant, spectrum_enclosures
    from mflverify.numerics.quadrature import (
        WeightedTorus,
        adaptive_integral,
        bilinear_integral,
        periodic_integral,
    )
    from mflverify.numerics.spectral_densities import (
        Laplace,
        LogPolynomialInterval,
        LogTrigTorus,
        ProductMeasure,
        SechPower,
        Triangular,
        UniformInterval,
        logistic,
    )
    from mflverify.numerics.spectral_enclosure import Enclosure, NotEnclosedError
    from mflverify.numerics.suprema import (
        Bounds,
        integrand_maximum,
        integrand_minimum,
        integrand_sup_norm,
        matrix_sup_norm,
        maximum,
        minimum,
        mixed_sup,
        sup_norm,
    )
    from mflverify.numerics.torus_integrand_suprema import (
        torus_integrand_maximum,
        torus_integrand_sup_norm,
    )
    from mflverify.numerics.torus_polynomial import TorusPolynomial
    from mflverify.numerics.torus_quadrature import torus_integral
    from mflverify.numerics.torus_suprema import torus_maximum, torus_minimum, torus_sup_norm
    from mflverify.numerics.trig import TrigPolynomial
    from mflverify.numerics.wasserstein import (
        wasserstein_squared,
        wasserstein_squared_circle_densities,
        wasserstein_squared_circle_samples,
        wasserstein_squared_line_samples,
        wasserstein_squared_points,
    )
    from mflverify.numerics.weighted_poincare import (
        weighted_convexity_constant,
        weighted_poincare_constant,
    )

_HOMES = {
    "density": "Gaussian LogPolynomialDensity LogTrigDensity TrigDensity UniformTorus",
    "dual_norm": "dual_norm_squared hermite_dual_norm_squared uniform_dual_norm_squared",
    "dual_norm_torus": "TwoSided torus_dual_norm_squared",
    "integrand": "VARIABLE absolute as_integrand constant exp log sqrt",
    "line_quadrature": "WeightedLine line_integral",
    "log_sobolev": "log_sobolev_constant",
    "poincare": "poincare_constant spectrum_enclosures",
    "quadrature": "WeightedTorus adaptive_integral bilinear_integral periodic_integral",
    "spectral_densities": (
        "Laplace LogPolynomialInterval LogTrigTorus ProductMeasure SechPower Triangular "
        "UniformInterval logistic"
    ),
    "spectral_enclosure": "Enclosure NotEnclosedError",
    "suprema": (
        "Bounds integrand_maximum integrand_minimum integrand_sup_norm matrix_sup_norm maximum "
        "minimum mixed_sup sup_norm"
    ),
    "torus_integrand_suprema": "torus_integrand_maximum torus_integrand_sup_norm",
    "torus_polynomial": "TorusPolynomial",
    "torus_quadrature": "torus_integral",
    "torus_suprema": "torus_maximum torus_minimum torus_sup_norm",
    "trig": "TrigPolynomial",
    "wasserstein": (
        "wasserstein_squared wasserstein_squared_circle_densities "
        "wasserstein_squared_circle_samples wasserstein_squared_line_samples "
        "wasserstein_squared_points"
    ),
    "weighted_poincare": "weighted_convexity_constant weighted_poincare_constant",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "VARIABLE",
    "Bounds",
    "Enclosure",
    "Gaussian",
    "Laplace",
    "LogPolynomialDensity",
    "LogPolynomialInterval",
    "LogTrigDensity",
    "LogTrigTorus",
    "NotEnclosedError",
    "ProductMeasure",
    "SechPower",
    "TorusPolynomial",
    "Triangular",
    "TrigDensity",
    "TrigPolynomial",
    "TwoSided",
    "UniformInterval",
    "UniformTorus",
    "WeightedLine",
    "WeightedTorus",
    "absolute",
    "adaptive_integral",
    "as_integrand",
    "bilinear_integral",
    "constant",
    "dual_norm_squared",
    "exp",
    "hermite_dual_norm_squared",
    "integrand_maximum",
    "integrand_minimum",
    "integrand_sup_norm",
    "line_integral",
    "log",
    "log_sobolev_constant",
    "logistic",
    "matrix_sup_norm",
    "maximum",
    "minimum",
    "mixed_sup",
    "periodic_integral",
    "poincare_constant",
    "spectrum_enclosures",
    "sqrt",
    "sup_norm",
    "torus_dual_norm_squared",
    "torus_integral",
    "torus_integrand_maximum",
    "torus_integrand_sup_norm",
    "torus_maximum",
    "torus_minimum",
    "torus_sup_norm",
    "uniform_dual_norm_squared",
    "wasserstein_squared",
    "wasserstein_squared_circle_densities",
    "wasserstein_squared_circle_samples",
    "wasserstein_squared_line_samples",
    "wasserstein_squared_points",
    "weighted_convexity_constant",
    "weighted_poincare_constant",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
