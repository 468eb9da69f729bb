"""The largest admissible size of a state, for rows of very different scales at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mflverify.models.crossing import SMALLEST, Standing, largest_factor

Array = NDArray[np.floating]


def constraint(scale: Array, power: Array) -> tuple[list[int], Callable[[Array], Standing]]:
    """scale * s^power <= 1, counting its evaluations."""
    calls: list[int] = []

    def at(factor: Array) -> Standing:
        calls.append(1)
        room = -np.log(scale * factor**power)
        return Standing(room >= 0, room)

    return calls, at


def test_finds_the_crossings_of_powers_in_a_few_evaluations() -> None:
    scale = np.array([2.0, 1e3, 1e12, 7.0])
    power = np.array([1.0, 2.0, 2.0, 3.5])
    calls, at = constraint(scale, power)
    found = largest_factor(at, 4)
    np.testing.assert_allclose(found, scale ** (-1 / power), rtol=2e-10)
    assert np.all(scale * found**power <= 1)
    assert len(calls) <= 8


def test_nothing_to_shrink_and_nothing_small_enough() -> None:
    _, at = constraint(np.array([0.5, 1.0, 1e40]), np.array([2.0, 2.0, 1.0]))
    assert largest_factor(at, 3).tolist() == [1.0, 1.0, 0.0]


def test_where_a_constraint_loses_its_meaning_the_factor_is_nearly_the_largest() -> None:
    edges = np.array([0.3, 1e-5, 0.999])

    def at(factor: Array) -> Standing:
        holds = factor <= edges
        return Standing(holds, np.where(holds, 3.0, -np.inf).clip(-1e3))

    found = largest_factor(at, 3)
    assert np.all(found <= edges)
    np.testing.assert_allclose(found, edges, rtol=2e-4)


def test_the_tightest_of_two_constraints_with_a_kink() -> None:
    def at(factor: Array) -> Standing:
        room = np.minimum(-np.log(3 * factor), -2 * np.log(2 * factor + 5 * factor**3))
        return Standing(room >= 0, room)

    found = largest_factor(at, 1)[0]
    assert at(np.array([found])).holds.all()
    assert not at(np.array([found * (1 + 1e-8)])).holds.all()
    assert found > SMALLEST
