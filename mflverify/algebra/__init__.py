"""The operator algebra: normal forms and time derivatives along a flow."""

from mflverify.algebra.derivative import time_derivative
from mflverify.algebra.normal import Normalizer, Rewrite, normalize
from mflverify.algebra.polynomial import Atom, Polynomial

__all__ = ["Atom", "Normalizer", "Polynomial", "Rewrite", "normalize", "time_derivative"]
