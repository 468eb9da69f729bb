"""Products are simplified wherever something meets its own power."""

from fractions import Fraction

import pytest

from mflverify.algebra.polynomial import (
    Atom,
    Polynomial,
    abs_polynomial,
    monomial_polynomial,
    times,
)

HALF = Fraction(1, 2)
x, y = (Polynomial.atom(Atom("parameter", name)) for name in "xy")
one, two = Polynomial.constant(1), Polynomial.constant(2)


@pytest.mark.parametrize("power", [HALF, Fraction(1, 3), Fraction(2, 3), Fraction(-1, 2)])
def test_roots_of_numbers(power):
    root = two.power(power)
    assert root * two.power(1 - power) == two
    assert root * two.power(-power) == one
    assert root * two.power(power - 1) == two.power(2 * power - 1)


def test_roots_of_sums():
    total = one + x * x
    root = total.power(HALF)
    assert root * root == total
    assert (root * y) * (root * x) == total * x * y
    assert root * total.power(-HALF) == one


def test_absolute_values():
    size = abs_polynomial(x)
    assert size * size == x * x
    assert size * size * size == size * x * x


def test_a_product_of_monomials_is_that_of_polynomials_when_nothing_simplifies():
    ((first, _),) = (x * x * y).terms.items()
    ((second, _),) = (x * y * y).terms.items()
    assert monomial_polynomial(times(first, second)) == x * x * x * y * y * y
    inverse = tuple((atom, -power) for atom, power in first)
    assert times(first, inverse) == ()
