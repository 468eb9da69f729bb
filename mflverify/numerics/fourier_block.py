"""The Schroedinger operator S = -Laplace + W on a torus as a finite block and a bounded tail.

W is a trigonometric polynomial, W(x) = sum_k w_k exp(i k.x) with w_{-k} = conj(w_k), on the torus
of period 2 pi in each of d directions. In the real orthonormal basis 1, sqrt2 cos(k.x),
sqrt2 sin(k.x) (inner product: the mean over the torus) with |k|_inf <= N, S is a finite symmetric
matrix A, a coupling B to the rest, and the rest T. With beta = sum_{k != 0} |w_k|,

    T >= t := (N + 1)^2 + w_0 - beta,      B B^T <= beta E,

E diagonal with entry e_k = sum of |w_j| over the j that lead from k out of the block (Schur's test:
row sums e_k, column sums at most beta). Hence for sigma < t (Haynsworth)

    #neg(A - sigma) <= #{eigenvalues of S below sigma} <= #neg(A - sigma - beta/(t - sigma) E).

Both counts are made in balls (`inertia`), so they are theorems.
"""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise, product

import numpy as np
from attrs import frozen
from flint import acb, arb, arb_mat

from mflverify.numerics.inertia import negative_eigenvalues

Mode = tuple[int, ...]
FourierCoefficients = Mapping[Mode, acb]
_Function = tuple[Mode, bool]  # (k, True for sine), k in the half-space below


def _in_half_space(k: Mode) -> bool:
    """One of each pair k, -k; zero included."""
    return k >= tuple(0 for _ in k)


def schroedinger_potential(log_density_potential: FourierCoefficients) -> dict[Mode, acb]:
    """Fourier coefficients of W = |grad U|^2/4 - (Laplace U)/2 from those of U.

    For mu = exp(-U)/Z the generator -Laplace + grad U . grad on L^2(mu) is unitarily equivalent to
    -Laplace + W on L^2(dx), by the ground state exp(-U/2).
    """
    modes = [(k, c) for k, c in log_density_potential.items() if any(k) and not c.is_zero()]
    result = {tuple(0 for _ in k): acb(0) for k in log_density_potential}
    for k, u in modes:
        result[k] = result.get(k, acb(0)) + u * sum(i * i for i in k) / 2
        for m, v in modes:
            both = tuple(i + j for i, j in zip(k, m, strict=True))
            scalar = sum(i * j for i, j in zip(k, m, strict=True))
            result[both] = result.get(both, acb(0)) - u * v * scalar / 4
    return {k: w for k, w in result.items() if not (any(k) and w.is_zero())}


@frozen
class _Component:
    """A part of the block that W does not couple to the others; levels from high to low."""

    diagonal: tuple[arb_mat, ...]
    coupling: tuple[arb_mat, ...]
    edge: tuple[tuple[arb, ...], ...]  # e_k


@frozen
class FourierBlock:
    """The decomposition above for given W and N; build it with `fourier_block`."""

    components: tuple[_Component, ...]
    cutoff: int  # N
    tail: arb  # t
    oscillation: arb  # beta
    size: int

    def count_below(self, sigma: arb) -> int:
        """A lower bound for the number of eigenvalues of S below sigma (Cauchy interlacing).

        Raises UndecidedSignError if a pivot's ball contains zero.
        """
        return self._count(sigma, arb(0))

    def count_below_at_most(self, sigma: arb) -> int | None:
        """An upper bound for that number; None if the tail is not above sigma.

        Raises UndecidedSignError if a pivot's ball contains zero.
        """
        distance = self.tail - sigma
        return self._count(sigma, self.oscillation / distance) if distance > 0 else None

    def _count(self, sigma: arb, correction: arb) -> int:
        total = 0
        for component in self.components:
            blocks = []
            for block, edge in zip(component.diagonal, component.edge, strict=True):
                size = len(edge)
                shift = arb_mat(size, size)
                for i, weight in enumerate(edge):
                    shift[i, i] = sigma + correction * weight
                blocks.append(block - shift)
            total += negative_eigenvalues(blocks, component.coupling)
        return total

    def approximate_eigenvalues(self) -> tuple[np.ndarray, np.ndarray]:
        """Sorted float64 eigenvalues of A and <v, E v> of their eigenvectors: guesses only.

        To first order the tail lowers an eigenvalue sigma by beta <v, E v>/(t - sigma).
        """
        values, leaks = [], []
        for component in self.components:
            sizes = [len(edge) for edge in component.edge]
            offsets = np.concatenate([[0], np.cumsum(sizes)])
            dense = np.zeros((offsets[-1], offsets[-1]))
            for j, block in enumerate(component.diagonal):
                here = slice(offsets[j], offsets[j + 1])
                dense[here, here] = _as_floats(block)
                if j + 1 < len(sizes):
                    following = slice(offsets[j + 1], offsets[j + 2])
                    dense[here, following] = _as_floats(component.coupling[j])
                    dense[following, here] = dense[here, following].T
            edge = np.array([float(e.mid()) for level in component.edge for e in level])
            eigenvalues, vectors = np.linalg.eigh(dense)
            values.append(eigenvalues)
            leaks.append(edge @ vectors**2)
        order = np.argsort(np.concatenate(values))
        return np.concatenate(values)[order], np.concatenate(leaks)[order]


def _as_floats(matrix: arb_mat) -> np.ndarray:
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])


class _RealMatrix:
    """Entries of S in the real basis, from cosine and sine means of W."""

    def __init__(self, potential: FourierCoefficients) -> None:
        self._cos = {k: w.real for k, w in potential.items()}
        self._sin = {k: -w.imag for k, w in potential.items()}
        self._root2 = arb(2).sqrt()
        self._zero = arb(0)
        self._support = [k for k in potential if any(k)]

    def neighbours(self, k: Mode) -> set[Mode]:
        """Modes of the half-space that W couples to k, k itself included."""
        found = {k}
        for j in self._support:
            both = tuple(a + b for a, b in zip(k, j, strict=True))
            found.add(both if _in_half_space(both) else tuple(-a for a in both))
        return found

    def entry(self, left: _Function, right: _Function) -> arb:
        """<left, S right>."""
        (k, k_sine), (m, m_sine) = left, right
        if not any(k):
            value = self._with_constant(right)
        elif not any(m):
            value = self._with_constant(left)
        else:
            plus = tuple(a + b for a, b in zip(k, m, strict=True))
            minus = tuple(a - b for a, b in zip(k, m, strict=True))
            if k_sine == m_sine:
                sign = -1 if k_sine else 1
                value = self._cosine(minus) + sign * self._cosine(plus)
            elif m_sine:
                value = self._sine(plus) - self._sine(minus)
            else:
                value = self._sine(plus) + self._sine(minus)
        return value + sum(i * i for i in k) if left == right else value

    def _with_constant(self, function: _Function) -> arb:
        k, sine = function
        if not any(k):
            return self._cosine(k)
        return self._root2 * (self._sine(k) if sine else self._cosine(k))

    def _cosine(self, k: Mode) -> arb:
        return self._cos.get(k, self._zero)

    def _sine(self, k: Mode) -> arb:
        return self._sin.get(k, self._zero)


def _connected(graph: Mapping[_Function, set[_Function]]) -> list[list[_Function]]:
    unseen = set(graph)
    parts = []
    while unseen:
        stack = [unseen.pop()]
        part = []
        while stack:
            node = stack.pop()
            part.append(node)
            fresh = graph[node] & unseen
            unseen -= fresh
            stack.extend(fresh)
        parts.append(part)
    return parts


def fourier_block(
    potential: FourierCoefficients, cutoff: int, *, mean_zero: bool = False
) -> FourierBlock:
    """The block |k|_inf <= cutoff of -Laplace + W; W by all its coefficients w_k, k and -k.

    mean_zero: of its compression to mean-zero functions; without the row of the constants all that
    is said of B and T holds as it stands.
    Raises ValueError if the zero mode is missing, a coefficient is not finite, or W is not real.
    """
    if not potential:
        raise ValueError(f"potential needs at least its zero mode: {potential!r}")
    dimension = len(next(iter(potential)))
    zero = (0,) * dimension
    if zero not in potential:
        raise ValueError(f"potential needs its zero mode {zero}: {sorted(potential)!r}")
    for k, w in potential.items():
        opposite = potential.get(tuple(-i for i in k), acb(0))
        if not w.is_finite() or not w.overlaps(opposite.conjugate()):
            raise ValueError(f"potential must be finite with w_-k = conj(w_k); w_{k} = {w}")
    degree = [max(abs(k[i]) for k in potential) for i in range(dimension)]
    axis = min(range(dimension), key=lambda i: degree[i])
    width = max(degree[axis], 1)
    beta = sum((abs(w) for k, w in potential.items() if any(k)), arb(0))

    modes = [k for k in product(range(-cutoff, cutoff + 1), repeat=dimension) if _in_half_space(k)]
    functions = [
        (k, sine) for k in modes for sine in (False, True) if any(k) or not (sine or mean_zero)
    ]
    inside = set(functions)
    matrix = _RealMatrix(potential)
    entries: dict[tuple[_Function, _Function], arb] = {}
    graph: dict[_Function, set[_Function]] = {}
    for left in functions:
        near = [(m, s) for m in matrix.neighbours(left[0]) for s in (False, True)]
        row = {
            right: entries[right, left] if (right, left) in entries else matrix.entry(left, right)
            for right in near
            if right in inside
        }
        graph[left] = {right for right, value in row.items() if not value.is_zero()}
        entries.update({(left, right): row[right] for right in graph[left]})

    def level(function: _Function) -> int:
        # W couples |k_axis| only to within `width`, so levels couple only to the next ones.
        return abs(function[0][axis]) // width

    sizes = [(k, abs(w)) for k, w in potential.items() if any(k)]

    @cache
    def edge(k: Mode) -> arb:
        leading_out = (
            size for j, size in sizes if any(abs(a + b) > cutoff for a, b in zip(k, j, strict=True))
        )
        return sum(leading_out, arb(0))

    def block(rows: list[_Function], columns: list[_Function]) -> arb_mat:
        none = arb(0)
        return arb_mat([[entries.get((a, b), none) for b in columns] for a in rows])

    components = []
    for part in _connected(graph):
        levels = [
            sorted((f for f in part if level(f) == n), key=lambda f: -sum(i * i for i in f[0]))
            for n in sorted({level(f) for f in part}, reverse=True)
        ]
        components.append(
            _Component(
                diagonal=tuple(block(f, f) for f in levels),
                coupling=tuple(block(a, b) for a, b in pairwise(levels)),
                edge=tuple(tuple(edge(f[0]) for f in fs) for fs in levels),
            )
        )
    return FourierBlock(
        components=tuple(components),
        cutoff=cutoff,
        tail=arb((cutoff + 1) ** 2) + potential[zero].real - beta,
        oscillation=beta,
        size=len(functions),
    )
