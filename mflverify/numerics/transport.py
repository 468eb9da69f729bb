"""The cost of a monotone transport between two densities in one dimension, in balls.

T with F_nu(T(x)) = F_mu(x) + theta is increasing and transports mu to nu. On the line theta = 0 and
T is optimal for the squared distance. On the circle every theta gives a coupling (T lifted to the
line) whose cost bounds W2^2 from above, and the cost c(theta) is convex
(Delon, Salomon, Sobolevski 2010), with c'(theta) = 2 int (T - x) T' dx.
"""

from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen
from flint import arb

from mflverify.numerics.cumulative import Primitive, cell, integrate_jet
from mflverify.numerics.jets import DensityJet, Jet, divide, multiply, variable


@frozen
class TransportCost:
    """Integrals over the nodes' range: (T - x)^2 dmu (mu normalised) and 2 (T - x) T' dx."""

    cost: arb
    slope: arb


@frozen
class MonotoneMap:
    """T(x) = H^{-1}(offset + scale G(x)), G and H the primitives of mu and nu.

    `scale` = Z_nu/Z_mu, the ratio of the normalising constants.
    """

    source: Primitive
    target: Primitive
    scale: arb
    offset: arb

    def image(self, source_value: arb) -> arb:
        """A ball containing T(x) for every x with G(x) in `source_value`."""
        return self.target.inverse(self.offset + self.scale * source_value)

    def jet(self, at: arb, image: arb, order: int) -> Jet:
        """The jet of T at `at` with T(at) in `image`, from T' = scale mu(x)/nu(T)."""
        numerator = self.source.density(variable(at, order))
        result = [image]
        for n in range(1, order):
            ratio = divide(numerator[:n], self.target.density(result))
            result.append(self.scale * ratio[n - 1] / n)
        return result


def _integrands(density: DensityJet, at: arb, image: Jet) -> tuple[Jet, Jet]:
    """Jets of (T - x)^2 mu (not normalised) and 2 (T - x) T'."""
    order = len(image)
    displacement = [t - x for t, x in zip(image, variable(at, order), strict=True)]
    square = multiply(displacement, displacement)
    derivative = [(n + 1) * image[n + 1] for n in range(order - 1)]
    slope = [2 * c for c in multiply(displacement[: order - 1], derivative)]
    return multiply(square, density(variable(at, order))), slope


def transport_cost(
    transport: MonotoneMap, first: int, last: int, source_mass: arb, order: int
) -> TransportCost:
    """The integrals over the source's nodes first, ..., last (indices), `order` jets of T."""
    source = transport.source
    nodes: Sequence[arb] = source.nodes[first : last + 1]
    images = [transport.image(value) for value in source.values[first : last + 1]]
    cost, slope = arb(0), arb(0)
    for j, (a, b) in enumerate(pairwise(nodes)):
        centre = ((a + b) / 2).mid()
        at_centre = transport.image(source.value_in_cell(first + j, centre))
        over = cell(a, b)
        # T increases, so the images of the ends enclose the image of the cell.
        point = _integrands(source.density, centre, transport.jet(centre, at_centre, order))
        image = cell(images[j].lower(), images[j + 1].upper())
        whole = _integrands(source.density, over, transport.jet(over, image, order))
        half = (b - a) / 2
        cost += integrate_jet(point[0], whole[0], half)
        slope += integrate_jet(point[1], whole[1], half)
    return TransportCost(cost / source_mass, slope)
