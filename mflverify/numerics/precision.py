"""The one place that sets python-flint's working precision.

The precision is a global of the process (and not thread-safe): whoever changes it changes it for
everybody. So it is set here only, for the extent of a `with` block, and restored on every exit.
Parallelise by process.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from flint import ctx

_BITS_PER_DIGIT = math.log2(10)


def digits_to_bits(digits: int, guard_bits: int = 16) -> int:
    """The precision in bits that holds `digits` decimal digits and `guard_bits` more.

    Raises ValueError if `digits` is not positive or `guard_bits` is negative.
    """
    if digits < 1:
        raise ValueError(f"digits must be at least 1, got {digits}")
    if guard_bits < 0:
        raise ValueError(f"guard_bits must not be negative, got {guard_bits}")
    return math.ceil(digits * _BITS_PER_DIGIT) + guard_bits


def current_bits() -> int:
    """The working precision in force, in bits."""
    return int(ctx.prec)


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Ball arithmetic at `bits` bits inside the block; the former precision afterwards, always.

    Nested blocks are independent. Raises ValueError if `bits` is smaller than 2.
    """
    if bits < 2:
        raise ValueError(f"bits must be at least 2, got {bits}")
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before
