"""A proved enclosure of inf Re spec of the linearised flow, on tori and on the line.

On L^2(mu_bar), with sqrt(mu_bar) on the other side, the operator is

    A_ij = eta_i (tau_i S_i delta_ij + sum_r p_r s_r^T),   p_r = (L_i phi_r) g_i,   s_r = (psi_r - mean) g_j,

for kernels k_ij = sum_r phi_r(x) psi_r(y); S_i is the generator and g_i its ground state, as in
`spectral_section`.  It is bounded by Gershgorin's theorem for blocks (`block_discs`), which is not about
normality: games are as good as gradient flows.  Constants are kept: they add the eigenvalue 0 once for
each species, which is left out again when discs about 0, as many as species, are disjoint from
all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from attrs import frozen
from flint import arb, arb_mat
from numpy.polynomial import Polynomial

from mflverify.dynamics.block_discs import Action, Blocks
from mflverify.dynamics.line_flow import LineModel
from mflverify.dynamics.line_section import LineSection
from mflverify.dynamics.spectral_section import Diagonalised, Eigenspace, norm
from mflverify.dynamics.torus_model import TorusModel
from mflverify.dynamics.torus_section import TorusSection, kernel_pairs
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.numerics.inertia import UndecidedSignError
from mflverify.numerics.precision import working_precision

BITS = 128
LARGEST = 450  # functions of a section
WANTED = 1e-9  # relative width at which larger sections are not tried
WANTED_BEYOND = 1e-4  # the same in two and more dimensions

Function = TypeVar("Function")
Function_contra = TypeVar("Function_contra", contravariant=True)
Item = TypeVar("Item")
Built = TypeVar("Built")


class NoEnclosureError(ArithmeticError):
    """The discs do not separate, or the model is of a kind for which no enclosure is known."""


@frozen
class RateEnclosure:
    """Numbers between which 2 inf Re spec lies, the conjectured exact rate.

    size: how many functions of each species were used.
    """

    lower: float
    upper: float
    size: int


class _Section(Protocol[Function_contra]):
    """A species as `torus_section` and `line_section` give it."""

    @property
    def diagonal(self) -> Diagonalised: ...
    def source(self, function: Function_contra) -> tuple[list[arb], arb]: ...
    def target(self, function: Function_contra) -> tuple[list[arb], arb]: ...


def enclose_rate(model: TorusModel | LineModel, size: int | None = None) -> RateEnclosure:
    """An enclosure of 2 inf Re spec on L^2_0, the flow linearised at its equilibrium.

    The coefficients of the model are taken as the binary fractions that they are.  size: wave
    numbers on a torus, Hermite functions on the line; without it, more are tried until the
    enclosure is narrow.  Raises NoEnclosureError when no section up to 450 functions will do.
    """

    def attempt(count: int) -> RateEnclosure | None:
        return _torus(model, count) if isinstance(model, TorusModel) else _line(model, count)

    if size is not None:
        found = attempt(size)
        if found is None:
            raise NoEnclosureError(f"the discs do not separate for {size}")
        return found
    narrow: RateEnclosure | None = None
    line = isinstance(model, LineModel) or model.dimension == 1
    wanted = WANTED if line else WANTED_BEYOND
    for count in _sizes(model):
        found = attempt(count)
        if found is not None and (narrow is None or _width(found) < _width(narrow)):
            narrow = found
        if narrow is not None and _width(narrow) <= wanted:
            break
    if narrow is None:
        raise NoEnclosureError(f"the discs do not separate with up to {LARGEST} functions")
    return narrow


def _sizes(model: TorusModel | LineModel) -> Iterable[int]:
    if isinstance(model, LineModel):
        count = 40
        while count <= LARGEST:
            yield count
            count = count * 3 // 2
        return
    # uniform equilibria leave no tail that could matter
    uniform = not any(p.degree for p in model.potentials)
    count = model.degree() + (2 if uniform else 4)
    while (2 * count + 1) ** model.dimension <= LARGEST:
        yield count
        if uniform:
            return
        count = count + max(2, count // 2)


def _width(found: RateEnclosure) -> float:
    return (found.upper - found.lower) / max(abs(found.upper), abs(found.lower), 1e-300)


def _torus(model: TorusModel, size: int) -> RateEnclosure | None:
    kernels = {
        pair: kernel_pairs(kernel.convolution, kernel.products)
        for pair, kernel in model.kernels.items()
    }

    def build(potential: TrigSeries) -> TorusSection:
        return TorusSection.of(potential, size, model.degree())

    return _enclosure(model, model.potentials, build, kernels)


def _line(model: LineModel, size: int) -> RateEnclosure | None:
    functions = (p for kernel in model.kernels.values() for pair in kernel for p in pair)
    degree = max((p.degree() for p in functions), default=0)

    def build(potential: Polynomial) -> LineSection:
        return LineSection.of(potential, size, degree)

    return _enclosure(model, model.potentials, build, model.kernels)


def _enclosure(
    model: TorusModel | LineModel,
    potentials: Sequence[Function],
    build: Callable[[Function], _Section[Function]],
    kernels: Mapping[tuple[int, int], Sequence[tuple[Function, Function]]],
) -> RateEnclosure | None:
    """With sections of one size, or None when the lowest discs do not separate."""
    with working_precision(BITS):
        try:
            sections = _each(potentials, build)
            spaces = _each(sections, lambda section: section.diagonal.eigenspace())
        except UndecidedSignError:
            return None
        times = [arb(eta) for eta in model.timescales]
        speeds = [eta * arb(tau) for eta, tau in zip(times, model.temperatures, strict=True)]
        actions = [
            _action(pair, pairs, sections, spaces, times[pair[0]])
            for pair, pairs in kernels.items()
            if pairs
        ]
        ends = Blocks(spaces, speeds, actions).least_real_part()
    if ends is None:
        return None
    lower, upper = (2 * end for end in ends)
    return RateEnclosure(lower, upper, max(space.vectors.nrows() for space in spaces))


def _each(items: Sequence[Item], build: Callable[[Item], Built]) -> list[Built]:
    """Something for each species; species with the same equilibrium share it."""
    found: list[Built] = []
    for n, item in enumerate(items):
        same = next((m for m in range(n) if items[m] == item), None)
        found.append(build(item) if same is None else found[same])
    return found


def _action(
    pair: tuple[int, int],
    pairs: Sequence[tuple[Function, Function]],
    sections: Sequence[_Section[Function]],
    spaces: Sequence[Eigenspace],
    timescale: arb,
) -> Action:
    i, j = pair
    pushes = [sections[i].target(target) for target, _ in pairs]
    looks = [sections[j].source(source) for _, source in pairs]
    error = arb(0)
    for (p, p_error), (s, s_error) in zip(pushes, looks, strict=True):
        error += norm(p) * s_error + p_error * (norm(s) + s_error)
    push = arb_mat([p for p, _ in pushes]).transpose() * timescale
    look = arb_mat([s for s, _ in looks]).transpose()
    _, coordinates, push_rest = spaces[i].split(push)
    products, _, look_rest = spaces[j].split(look)
    return Action(i, j, (coordinates, products), (push_rest, look_rest), error * timescale)
