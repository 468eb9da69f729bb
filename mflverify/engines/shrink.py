"""Shrinking of counterexamples: fewer components of unions, fewer modes, simpler numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from fractions import Fraction
from typing import Any

from mflverify.models import InstanceData, Request
from mflverify.models.unions import with_fewer

MAX_TRIALS = 300


def shrink(
    data: InstanceData, request: Request, refutes: Callable[[InstanceData], bool]
) -> InstanceData:
    """A counterexample that no single simplification keeps one, within `MAX_TRIALS` trials.

    request: of the symbols of the claim, unions not written out.
    refutes: whether a candidate is certainly a counterexample.
    """
    smaller: InstanceData | None = data
    while smaller is not None:
        data = smaller
        smaller = next(filter(refutes, with_fewer(data, request)), None)
    current = data.to_json()
    trials = 0
    improved = True
    while improved and trials < MAX_TRIALS:
        improved = False
        for path in list(_numbers(current)):
            for simpler in _simpler(_get(current, path)):
                if trials >= MAX_TRIALS:
                    break
                candidate = deepcopy(current)
                _put(candidate, path, simpler)
                trials += 1
                try:
                    parsed = InstanceData.from_json(candidate)
                except ValueError:
                    continue  # not an instance any more
                if refutes(parsed):
                    current, improved = candidate, True
                    break
    return InstanceData.from_json(current)


def _numbers(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Paths to all numbers of a JSON tree."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _numbers(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(item, (*path, index))
    elif isinstance(value, str) and _parse(value) is not None:
        yield path


def _parse(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except ValueError:
        return None


def _simpler(text: str) -> Iterator[str]:
    """Simpler numbers than the given one, the simplest first."""
    value = Fraction(text)
    candidates = [
        Fraction(0),
        Fraction(1),
        Fraction(-1),
        Fraction(round(value)),
        *(value.limit_denominator(d) for d in (2, 3, 4, 8)),
    ]
    size = _complexity(value)
    seen: set[Fraction] = set()
    for candidate in candidates:
        if candidate not in seen and _complexity(candidate) < size:
            seen.add(candidate)
            yield str(candidate)


def _complexity(value: Fraction) -> tuple[int, int]:
    return (value.denominator + abs(value.numerator), int(value < 0))


def _get(value: Any, path: tuple) -> Any:
    for key in path:
        value = value[key]
    return value


def _put(value: Any, path: tuple, new: str) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new
