"""From yes-or-no theorems about an eigenvalue to a two-sided enclosure.

Every certified method here proves statements of the form "the eigenvalue is at least sigma" or
"at most sigma". This module turns such a pair of provers into an enclosure of a wished relative
width. Floating-point values only say where to try; they never decide.
"""

from collections.abc import Callable

from attrs import field, frozen
from flint import arb

Prover = Callable[[arb], bool]


class NotEnclosedError(ArithmeticError):
    """No enclosure of the wished width was proved within the effort allowed."""


def _exact_lower(value: arb) -> arb:
    return arb(value).lower()


def _exact_upper(value: arb) -> arb:
    return arb(value).upper()


@frozen
class Enclosure:
    """`lower <= true value <= upper`, both exact numbers, by the theorem named.

    `lower` and `upper` may be given as balls: the outer end of each is kept.
    Raises ValueError if an end is not a number or lower > upper.
    """

    lower: arb = field(converter=_exact_lower)
    upper: arb = field(converter=_exact_upper)
    method: str
    theorem: str

    def __attrs_post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError(f"lower must not exceed upper: {self.lower}, {self.upper}")

    @property
    def ball(self) -> arb:
        """One ball that contains the whole interval, rounded outwards."""
        return self.lower.union(self.upper)

    @property
    def relative_width(self) -> float:
        """(upper - lower) / upper as a float; infinite if upper <= 0 and the ends differ."""
        if self.lower == self.upper:
            return 0.0
        if not self.upper > 0:
            return float("inf")
        return float(((self.upper - self.lower) / self.upper).upper())

    def contains(self, value: arb | float) -> bool:
        """Whether the ball `value` lies inside the interval, for certain."""
        return bool(arb(value) >= self.lower and arb(value) <= self.upper)

    def __str__(self) -> str:
        return f"[{self.lower.str(17, radius=False)}, {self.upper.str(17, radius=False)}]"


def exact_value(value: arb, theorem: str) -> Enclosure:
    """The enclosure of a value known in closed form; its width is that of the ball."""
    return Enclosure(value, value, "closed form", theorem)


@frozen
class Bracket:
    """Ends proved so far (None: none yet) and whether the wished width was reached."""

    lower: arb | None
    upper: arb | None
    tight: bool


def _gallop(prove: Prover, guess: arb, step: arb, direction: int) -> arb | None:
    """A proved end below (-1) or above (+1) a positive guess, trying ever longer steps."""
    while step < 0.9:
        candidate = (guess * (1 + direction * step)).mid()
        if prove(candidate):
            return candidate
        step = step * 8
    exponent = 1
    while exponent <= 1 << 12:  # the gap of a double well may be far below any float guess
        candidate = (guess * arb(2) ** (direction * exponent)).mid()
        if prove(candidate):
            return candidate
        exponent *= 2
    return None


def bracket_eigenvalue(
    prove_lower: Prover, prove_upper: Prover, guess: arb, digits: int
) -> Bracket:
    """Enclose a positive eigenvalue to relative width 10**-digits, starting near `guess` > 0.

    `prove_lower(sigma)` is True only if "eigenvalue >= sigma" is proved, `prove_upper` likewise.
    If neither can be proved in the middle of the bracket (truncation or precision too small), the
    bracket so far is returned with `tight` False.
    """
    target = arb(10) ** (-digits)
    lower = _gallop(prove_lower, guess, target / 4, -1)
    upper = _gallop(prove_upper, guess, target / 4, +1)
    if lower is None or upper is None:
        return Bracket(lower, upper, False)
    while not upper - lower <= target * lower:
        middle = ((lower * upper).sqrt() if upper > 2 * lower else (lower + upper) / 2).mid()
        if prove_lower(middle):
            lower = middle
        elif prove_upper(middle):
            upper = middle
        else:
            return Bracket(lower, upper, False)
    return Bracket(lower, upper, True)
