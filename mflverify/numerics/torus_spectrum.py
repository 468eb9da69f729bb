"""Eigenvalue enclosures on a torus from counts for the Schroedinger operator (`fourier_block`)."""

import math
from collections.abc import Callable
from functools import reduce

import numpy as np
from attrs import frozen
from flint import arb

from mflverify.numerics.fourier_block import FourierBlock, FourierCoefficients, fourier_block
from mflverify.numerics.inertia import UndecidedSignError
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_enclosure import (
    Bracket,
    Enclosure,
    NotEnclosedError,
    bracket_eigenvalue,
)

TORUS_METHOD = "inertia of a Fourier block of the Schroedinger form, in balls"
TORUS_THEOREM = (
    "Sylvester's law of inertia and Haynsworth's additivity, the tail bounded by its lowest "
    "kinetic energy; Cauchy interlacing above; Weyl's inequality for the error of the potential"
)
_ATTEMPTS = 8
_LARGEST_BLOCK = 3000


@frozen
class ApproximatePotential:
    """-Laplace + W with |W - sum_k w_k exp(i k.x)| <= error everywhere (error 0: W itself)."""

    coefficients: FourierCoefficients
    error: arb


def _count_at_most(block: FourierBlock, sigma: arb) -> int | None:
    try:
        return block.count_below_at_most(sigma)
    except UndecidedSignError:
        return None


def _count_at_least(block: FourierBlock, sigma: arb) -> int:
    try:
        return block.count_below(sigma)
    except UndecidedSignError:
        return 0


def _block(
    potential: ApproximatePotential, cutoff: int, count: int, digits: int
) -> tuple[FourierBlock, list[float]]:
    """A block whose tail looks harmless in floats, at least as large as `cutoff` asks."""
    while True:
        block = fourier_block(potential.coefficients, cutoff)
        if block.size > _LARGEST_BLOCK:
            raise NotEnclosedError(f"the Fourier block would need {block.size} functions")
        tail = float(block.tail)
        if block.size > count and tail > 0:
            values, leaks = (part[1 : count + 1] for part in block.approximate_eigenvalues())
            if values[-1] < tail / 2:
                lowering = float(block.oscillation) * leaks / (tail - values)
                least = np.maximum(values, 1e-13 * tail)  # floats do not resolve smaller ones
                if (lowering <= least * 10.0**-digits / 16).all():
                    return block, values.tolist()
        cutoff += max(2, cutoff // 4)


def _bracket(block: FourierBlock, error: arb, index: int, guess: arb, digits: int) -> Bracket:
    def prove_lower(sigma: arb) -> bool:
        below = _count_at_most(block, sigma + error)
        return below is not None and below <= index

    def prove_upper(sigma: arb) -> bool:
        return _count_at_least(block, sigma - error) > index

    return bracket_eigenvalue(prove_lower, prove_upper, guess, digits)


def _start(earlier: Bracket | None, guess: float, noise: float) -> arb:
    """Where to try next: inside what is proved already, else the float value if it means much."""
    if earlier is not None and earlier.lower is not None and earlier.upper is not None:
        return (earlier.lower * earlier.upper).sqrt().mid()
    if earlier is not None and earlier.upper is not None:
        return earlier.upper
    return arb(max(guess, noise))


def torus_eigenvalues(
    potential: Callable[[int], ApproximatePotential], count: int, digits: int
) -> list[Enclosure]:
    """Eigenvalues 1, ..., `count` of -Laplace + W (number 0 is not enclosed), with multiplicity.

    `potential(attempt)` gives W at the working precision, more accurately for a later attempt; it
    is called inside the precision wanted. The eigenvalues must be positive. Each enclosure has
    relative width at most 10**-digits. Theorem: `TORUS_THEOREM`, proof in `fourier_block`.
    Raises NotEnclosedError if the width is not reached.
    """
    extra_bits, cutoff = 0, 4
    proved: dict[int, Bracket] = {}
    for attempt in range(_ATTEMPTS):
        with working_precision(96 + 4 * digits + extra_bits):
            operator = potential(attempt)
            block, guesses = _block(operator, cutoff, count, digits)
            noise = 1e-13 * float(block.tail)
            for j in range(1, count + 1):
                earlier = proved.get(j)
                if earlier is None or not earlier.tight:
                    start = _start(earlier, guesses[j - 1], noise)
                    proved[j] = _bracket(block, operator.error, j, start, digits)
            if all(bracket.tight for bracket in proved.values()):
                return [_enclosure(proved[j]) for j in range(1, count + 1)]
            extra_bits += 64 + _missing_bits(proved, block)
            cutoff = block.cutoff + max(2, block.cutoff // 3)
    raise NotEnclosedError(f"relative width 10^-{digits} not reached: {proved}")


def _missing_bits(proved: dict[int, Bracket], block: FourierBlock) -> int:
    """Bits between the size of the operator and the smallest eigenvalue seen so far."""
    ends = [b.upper for b in proved.values() if b.upper is not None and b.upper > 0]
    if not ends:
        return 64
    return max(0, int(float((block.tail / reduce(arb.min, ends)).log()) / math.log(2)))


def _enclosure(bracket: Bracket) -> Enclosure:
    assert bracket.lower is not None
    assert bracket.upper is not None
    return Enclosure(bracket.lower, bracket.upper, TORUS_METHOD, TORUS_THEOREM)
