"""Instances in one line, for readers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from mflverify.models.basis import Expansion, signed

if TYPE_CHECKING:
    from mflverify.models.instance_data import Coefficients, InstanceData, Matrix

LETTERS = "xyzw"


def parts_of(data: InstanceData) -> list[str]:
    """Spaces, states, kernels, then numbers, each described."""
    parts: list[str] = ["line, N(0, 1)"] if data.family == "gaussian" else []
    for index, (name, u) in enumerate(data.potentials.items()):
        text = _trig(u, LETTERS[index % 4]) if any(u) else ""
        parts.append(f"{name}: torus, " + (f"U = {text}" if text else "uniform"))
    parts += [f"{name}: {space.text()}" for name, space in data.spaces.items()]
    for name, phi in data.functions.items():
        if data.family == "gaussian":
            assert isinstance(phi, tuple)
            parts.append(f"{name} from p = {_poly(phi)}")
            continue
        constant = data.constants.get(name, Fraction(0))
        text = phi.text() if isinstance(phi, Expansion) else _listed(phi, data)
        parts.append(f"{name} = L({text})" + (f" + {constant}" if constant else ""))
    for name, kernel in data.kernels.items():
        text = _matrix(kernel, data.family) if isinstance(kernel, tuple) else kernel.text()
        parts.append(f"{name}: k = {text}")
    for name, (strength, *forms) in data.remainders.items():
        assert isinstance(strength, tuple)
        body = ", ".join(u.text() if isinstance(u, Expansion) else _trig(u, "x") for u in forms)
        parts.append(f"{name}: third variation {' '.join(map(str, strength))} on ({body})")
    write = _poly if data.family == "gaussian" else lambda c: _listed(c, data)
    for name, components in data.fields.items():
        texts = [c.text() for c in components if isinstance(c, Expansion)]
        plain = tuple(c for c in components if isinstance(c, Fraction))
        parts.append(f"{name} = " + (f"({', '.join(texts)})" if texts else write(plain)))
    unit = " of a period" if data.family == "torus" else ""
    parts += [f"{n} = {_place(q)}{unit}" for n, q in data.points.items()]
    parts += [f"{n} = {_place(q)}" for n, q in data.directions.items()]
    parts += [f"{n} = {data.solved.get(n, str(c))}" for n, c in data.parameters.items()]
    parts += [f"{n} = {q}" for n, q in data.quantities.items()]
    parts += [f"{n}' = {q}" for n, q in data.rates.items()]
    return parts


def _place(value: Fraction | tuple[Fraction, ...]) -> str:
    return str(value) if isinstance(value, Fraction) else f"({', '.join(map(str, value))})"


def _listed(coefficients: Coefficients, data: InstanceData) -> str:
    """A list of coefficients; what they belong to depends on the space, known for circles only."""
    if data.family == "spaces":
        return f"coefficients {', '.join(map(str, coefficients))}"
    return _trig(coefficients, "x")


def _trig(coefficients: Coefficients, letter: str) -> str:
    return Expansion.waves(coefficients).text(letter)


def _poly(coefficients: Coefficients) -> str:
    return Expansion.polynomial(coefficients).text()


def _matrix(matrix: Matrix, family: str) -> str:
    """Each basis function by its place in 1, cos x, sin x, ... or in 1, x, x^2, ..."""
    if family == "spaces":
        return "; ".join(", ".join(map(str, row)) for row in matrix) + " by coefficients"
    make = Expansion.waves if family != "gaussian" else Expansion.polynomial

    def name(i: int, letter: str) -> str:
        return make([Fraction(0)] * i + [Fraction(1)]).text(letter)

    return signed(
        (c, " ".join(p for p in (name(i, "x"), name(j, "y")) if p != "1") or "1")
        for i, row in enumerate(matrix)
        for j, c in enumerate(row)
    )
