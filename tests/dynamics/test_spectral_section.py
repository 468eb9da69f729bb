"""Bounds of generators beyond a finite section, against larger sections and by hand."""

import numpy as np
import pytest
from flint import arb, arb_mat
from numpy.polynomial import Polynomial

from mflverify.dynamics.line_section import LineSection
from mflverify.dynamics.spectral_section import Diagonalised, Section
from mflverify.dynamics.torus_section import TorusSection
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.numerics.inertia import UndecidedSignError
from mflverify.numerics.precision import working_precision

# S = (1, 1; 1, 3) with the first coordinate as the section: eigenvalues 2 -+ sqrt(2)
PAIR = Section(arb_mat([[1], [1]]), arb(3))


@pytest.mark.parametrize(("sigma", "count"), [(0.55, 0), (0.62, 1), (0.8, 1), (2.9, 1)])
def test_counts_know_the_coupling_to_the_tail(sigma, count):
    assert Diagonalised.of(PAIR).count_below(arb(sigma)) == count


@pytest.mark.parametrize("sigma", [3.0, 3.5])
def test_nothing_is_counted_beyond_the_tail(sigma):
    with pytest.raises(UndecidedSignError, match="not below the tail"):
        Diagonalised.of(PAIR).count_below(arb(sigma))


def _block(diagonal: Diagonalised, first: int) -> np.ndarray:
    """S in floats on the functions of a section from number `first` on."""
    rows = diagonal.section.image.tolist()[first : diagonal.section.size]
    return np.array([[float(x.mid()) for x in row[first:]] for row in rows])


@pytest.mark.parametrize("kappa", [0.5, -8.0])
@pytest.mark.parametrize("dimension", [1, 2])
def test_the_tail_on_tori_is_below_the_generator_there(kappa, dimension):
    """The bound of W enters from below."""
    mode = (1,) + (0,) * (dimension - 1)
    potential = TrigSeries(dimension, {mode: (kappa, 0.0)})
    with working_precision(128):
        small = TorusSection.of(potential, 6, 1).diagonal.section
        large = TorusSection.of(potential, 9, 1).diagonal
    least = np.linalg.eigvalsh(_block(large, small.size))[0]
    assert float(small.tail) <= least


@pytest.mark.parametrize("depth", [0.5, 3.0])
def test_the_tail_on_the_line_is_below_the_generator_there(depth):
    potential = Polynomial([0.0, 0.2, -depth, 0.0, 0.25])
    with working_precision(128):
        section = LineSection.of(potential, 60, 1)
        extended = section.diagonal.section.extended
        rows = section.diagonal.section.image.tolist()
    # all that F+ sees of S beyond the first functions, from the matrix of a section that is larger
    beyond = np.array([[float(x.mid()) for x in row[20:]] for row in rows[20:60]])
    # the bound for 20 functions of the same width
    wide = float(section.diagonal.section.tail) - 2 * (60 - 20) / float(section.width.mid()) ** 2
    assert extended > 60
    assert wide <= np.linalg.eigvalsh(beyond)[0]


def test_eigenspaces_are_invariant_up_to_their_leak():
    potential = TrigSeries(1, {(1,): (-3.0, 0.5), (2,): (0.4, 0.0)})
    with working_precision(128):
        diagonal = TorusSection.of(potential, 20, 2).diagonal
        space = diagonal.eigenspace()
        images = diagonal.section.image * arb_mat(space.vectors.tolist()[: diagonal.section.size])
        rest = images - space.vectors * space.block - space.leak
        assert all(abs(x) < 1e-25 for x in rest.entries())
        assert all(abs(x) < 1e-25 for x in (space.vectors.transpose() * space.leak).entries())
    values = np.linalg.eigvalsh(_block(diagonal, 0))
    assert float(space.floor) <= values[space.size] * (1 + 1e-12)
    assert float(space.floor) >= values[space.size - 1]
