"""Second derivatives and spectra on one-dimensional tori, in rational or ball arithmetic."""

from __future__ import annotations

from attrs import define
from flint import fmpq

from mflverify.expr.sorts import Space
from mflverify.expr.terms import KernelSymbol
from mflverify.models.convexity import Mode, ball_convexity, exact_convexity, symmetric_form
from mflverify.models.request import Unavailable
from mflverify.models.torus_ring import Function, Matrix, Ring, RingTorus, Scalar
from mflverify.numerics.density import LogTrigDensity
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.suprema import minimum
from mflverify.numerics.trig import TrigPolynomial
from mflverify.numerics.weighted_poincare import (
    weighted_convexity_constant,
    weighted_poincare_constant,
)

# nearly constant weights have nearly equal constants, which a comparison has to tell apart
_WEIGHTED_DIGITS = 18


@define
class SecondOrderTorus(RingTorus):
    """The operations of the ring, those of second order, and the spectra of L and L (tau + M)."""

    def first_eigenfunction(self, space: Space) -> Ring:
        if not self.potentials[space].is_constant:
            raise Unavailable(f"an eigenfunction where the equilibrium of {space} is not uniform")
        return Ring({0: TrigPolynomial.cosine(1)})

    def advection(self, space: Space, phi: Function, psi: Function) -> Function:
        return self.times(phi, self.grad(space, psi))

    def divergence(self, space: Space, phi: Function) -> Ring:
        return self.grad(space, phi)

    def score(self, space: Space) -> Ring:
        return Ring({0: self.potentials[space].derivative()})

    def jacobian_square(self, space: Space, phi: Function) -> Function:
        slope = self.grad(space, phi)
        return self.times(slope, slope)

    def curvature(self, space: Space, phi: Function) -> Function:
        bend = self.potentials[space].derivative().derivative()
        return self.times(Ring({0: bend}), self.times(phi, phi))

    def curvature_bound(self, space: Space) -> Scalar:
        return self._enclosed(minimum(self.potentials[space].derivative().derivative()))

    def weighted_poincare(self, space: Space, weight: Function) -> Scalar:
        known = self._weight_of(weight)
        return weighted_poincare_constant(
            known, self.potentials[space], digits=_WEIGHTED_DIGITS
        ).ball

    def weighted_convexity(self, space: Space, weight: Function) -> Scalar:
        if not self.potentials[space].is_constant:
            raise Unavailable(
                f"a weighted convexity where the equilibrium of {space} is not uniform"
            )
        return weighted_convexity_constant(self._weight_of(weight), digits=_WEIGHTED_DIGITS).ball

    def _weight_of(self, weight: Function) -> TrigPolynomial:
        if self.exact:
            raise Unavailable("a weighted constant that is not rational")
        if not isinstance(weight, Ring) or set(weight.parts) != {0}:
            raise Unavailable("the constants of a weight that is no trigonometric polynomial")
        return weight.parts[0]

    def convexity(
        self, space: Space, temperature: Scalar, kernels: list[tuple[KernelSymbol, Matrix]]
    ) -> Scalar:
        potential = self.potentials[space]
        if not potential.is_constant:
            if kernels:
                raise Unavailable(f"a spectrum where the equilibrium of {space} is not uniform")
            # Phi e^{-U/2} turns ||grad* Phi||^2 into the form that e^{+U} has on functions
            return temperature * poincare_constant(LogTrigDensity(-potential), digits=9).ball
        matrices = [matrix for _, matrix in kernels]
        # cos and sin of each mode up to the highest that occurs
        count = max((max(len(m), len(m[0])) // 2 for m in matrices), default=0)
        modes = [Mode(fmpq(k * k), fmpq(1, 2)) for k in range(1, count + 1) for _ in "cs"]
        form = symmetric_form(matrices, len(modes))
        beyond = fmpq((count + 1) ** 2)
        if isinstance(temperature, fmpq):
            return exact_convexity(temperature, form, modes, beyond)
        return ball_convexity(temperature, form, modes, beyond)
