"""Theorems as numbers: constants, ball, bound and rate of one model, read from the statement itself.

The constants in the hypotheses of a theorem (alpha, K, lambda, T, epsilon, delta, eta) are whatever these
hypotheses allow for a model: the largest alpha below its Poincaré constants, the least K above its
mixed derivatives, and so on, in the order of the statement.  The ball is the hypothesis about the initial
datum, the bound and the rates are those of its conclusions.  Nothing is written here a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from attrs import frozen

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.exponential import Array
from mflverify.expr.divergences import LogSobolevConstant, RelativeEntropy
from mflverify.expr.functionals import VariationSlack, VariationSup
from mflverify.expr.substitution import rebuild, symbols
from mflverify.expr.terms import (
    AtTime,
    DualNorm,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    MixedSup,
    MonotonicitySlack,
    Node,
    Norm,
    Parameter,
    PoincareConstant,
    Quantity,
    Rational,
    Relation,
    Space,
    Term,
    ThirdSup,
    Transpose,
    subterms,
)
from mflverify.expr.unions import MixedNorm, ThirdNorm
from mflverify.models import Request
from mflverify.models.bounds import is_static, start_of
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import FloatTorus
from mflverify.proof.statement import Statement

_CONSTANTS = (
    PoincareConstant,
    LogSobolevConstant,
    MixedSup,
    MixedNorm,
    MonotonicitySlack,
    ThirdSup,
    ThirdNorm,
    VariationSlack,
    VariationSup,
)
_STATES = (Norm, DualNorm, RelativeEntropy)
_ROUNDING = 1e-9  # relative: constants are on the safe side by as much
_NOWHERE = Flow.of("state", {})


@frozen(eq=False)
class State:
    """chi2, squared dual norm and entropy of each species, shape (..., n)."""

    chi2: Array
    dual: Array
    entropy: Array


@frozen(eq=False)
class Measured:
    """What the constants of a theorem are for one model.

    log_sobolev: lower bounds of the constants, shape (n,); variation: an upper bound of
    sup |F''|.  Both are called only for theorems that speak of them.
    """

    constants: Constants
    log_sobolev: Callable[[], Array]
    variation: Callable[[], float]


@frozen(eq=False)
class Stated:
    """A statement with numbers in place of constants, and of norms of perturbations.

    claims: its steps by name.  given: its hypotheses.  numbers, states: what a parameter or a quantity
    of that name stands for.  spaces: of the species, in the order of the hypotheses.
    """

    label: str
    claims: Mapping[str, Relation]
    given: tuple[Relation, ...]
    numbers: Mapping[str, Node]
    states: Mapping[str, Node]
    spaces: tuple[Space, ...]

    @staticmethod
    def of(statement: Statement) -> Stated:
        """Any statement; what is no number makes an error when it is asked for."""
        numbers: dict[str, Node] = {}
        states: dict[str, Node] = {}

        def convert(node: Node) -> Node:
            if isinstance(node, _CONSTANTS):
                numbers[repr(node)] = node
                return Parameter(repr(node), "nonnegative")
            if isinstance(node, _STATES) and _is_symbol(node):
                states[repr(node)] = node
                return Quantity(repr(node), _NOWHERE, "nonnegative")
            return rebuild(node, convert)

        def plain(relation: Relation) -> Relation:
            found = convert(relation)
            assert isinstance(found, Relation)
            return found

        claims = {step.name: plain(step.claim) for step in statement.steps}
        given = tuple(plain(relation) for relation in statement.given)
        gaps = [n for n in numbers.values() if isinstance(n, PoincareConstant | LogSobolevConstant)]
        spaces = tuple(dict.fromkeys(gap.space for gap in gaps))
        return Stated(statement.label, claims, given, numbers, states, spaces)

    # --------------------------------------------------------------------------- constants

    def values(self, found: Measured, share: float) -> dict[str, float]:
        """All parameters for a model: tau is its temperature, eta the time scale of the
        last species where the theorem has one, epsilon `share` of what is allowed (of 1 if nothing is
        said), and all others as large or as small as the hypotheses let them be.

        Raises ValueError when the model has several temperatures, or time scales that the
        theorem does not know, or a hypothesis fails.
        """
        constants = found.constants
        temperature, timescale = constants.temperature, constants.timescale
        if not np.all(temperature == temperature[0]):
            raise ValueError(f"{self.label} has one temperature: {temperature}")
        values = {name: self._number(node, found) for name, node in self.numbers.items()}
        values["tau"] = float(temperature[0])
        named = [p.name for r in self.given for p in symbols(r) if isinstance(p, Parameter)]
        known = np.ones(len(timescale))
        # a time scale, unless it is the share of chi2 in the functional that has to be small
        if "eta" in named and "eta" not in _parameters(self._ball.lhs):
            values["eta"] = known[-1] = float(timescale[-1])
        if not np.all(timescale == known):
            raise ValueError(f"{self.label} does not have these time scales: {timescale}")
        for name in dict.fromkeys(named):
            if name in values:
                continue
            limit = self._limit(name, values)
            if name == "eps":
                limit = share * (1.0 if limit is None else limit)
            if limit is None:
                raise ValueError(f"no hypothesis of {self.label} bounds {name}")
            values[name] = limit
        self._check(values)
        return values

    def _limit(self, name: str, values: Mapping[str, float]) -> float | None:
        """The least upper bound or else the largest lower bound by what is known already."""
        upper: list[float] = []
        lower: list[float] = []
        for relation in self.given:
            if not (is_static(relation.lhs) and is_static(relation.rhs)):
                continue
            left, right = _parameters(relation.lhs), _parameters(relation.rhs)
            if any(other != name and other not in values for other in left | right):
                continue
            if name in left and name not in right:
                at = [_value(relation.lhs, {**values, name: x}) for x in (1.0, 2.0)]
                if not np.isclose(at[1], 2 * at[0], rtol=1e-12):
                    raise ValueError(f"{relation!r} of {self.label} is not linear in {name}")
                upper.append(_value(relation.rhs, values) / at[0] if at[0] else np.inf)
            elif relation.rhs == next(iter(_named(relation.rhs, name)), None):
                lower.append(_value(relation.lhs, values))
        return min(upper) if upper else max(lower) if lower else None

    def _check(self, values: Mapping[str, float]) -> None:
        for relation in self.given:
            if is_static(relation.lhs) and is_static(relation.rhs):
                left, right = _value(relation.lhs, values), _value(relation.rhs, values)
                if not left <= right + _ROUNDING * max(abs(left), abs(right), 1.0):
                    raise ValueError(
                        f"{self.label} needs {relation!r}, not {left:.6g}, {right:.6g}"
                    )
        for name, value in values.items():
            if name in ("eps", "alpha", "delta") and not value > 0:
                raise ValueError(f"{self.label} needs a positive {name}, not {value:.6g}")

    def _number(self, node: Node, found: Measured) -> float:
        constants = found.constants
        match node:
            case PoincareConstant(space):
                return self._least(space, constants.alpha)
            case LogSobolevConstant():
                return self._least(node.space, found.log_sobolev())
            case MixedNorm():
                return float(np.linalg.norm(constants.mixed, 2))
            case MixedSup(operator):
                return float(constants.mixed[self._pair(operator)])
            case MonotonicitySlack() | VariationSlack():
                return constants.slack
            case ThirdNorm():
                return float(np.linalg.norm(np.linalg.norm(constants.third, 2, axis=(1, 2))))
            case ThirdSup() if len(constants.third) == 1:
                return float(constants.third[0, 0, 0])
            case VariationSup():
                return found.variation()
        raise ValueError(f"{self.label} speaks of {node!r}, which no model here has")

    def _least(self, space: Space, values: Array) -> float:
        return float(values.min() if space.union else values[self.spaces.index(space)])

    def _pair(self, operator: Term) -> tuple[int, int]:
        match operator:
            case KernelSymbol(source=source, target=target):
                return self.spaces.index(target), self.spaces.index(source)
            case Transpose(inner):
                i, j = self._pair(inner)
                return j, i
        raise ValueError(f"{self.label} speaks of the operator {operator!r}")

    # ------------------------------------------------------------------- along a trajectory

    def left(self, name: str, values: Mapping[str, float], state: State) -> Array:
        """What a conclusion bounds, at states of shape (size, n)."""
        claim = self._claim(name).lhs
        if not isinstance(claim, AtTime):
            raise ValueError(f"{self.label}/{name} bounds nothing at a time: {claim!r}")
        return self._along(claim.argument, values, state)

    def bound(self, name: str, values: Mapping[str, float], start: State, t: Array) -> Array:
        """The right-hand side of a conclusion at times t, from a start of shape (n,)."""
        rows = State(*(np.tile(x, (len(t), 1)) for x in (start.chi2, start.dual, start.entropy)))
        return self._along(self._claim(name).rhs, values, rows, t)

    def rate(self, name: str, values: Mapping[str, float]) -> float:
        """The exponent of the right-hand side of a conclusion."""
        one = np.ones(max(len(self.spaces), 1))
        before, after = self.bound(name, values, State(one, one, one), np.array([0.0, 1.0]))
        return float(np.log(before / after))

    def size(self, values: Mapping[str, float], start: State) -> float:
        """What the hypothesis about the initial datum bounds."""
        row = State(*(x[None] for x in (start.chi2, start.dual, start.entropy)))
        return float(self._along(start_of(self._ball).lhs, values, row)[0])

    def level(self, values: Mapping[str, float]) -> float:
        """What that hypothesis allows."""
        return _value(self._ball.rhs, values)

    @cached_property
    def _ball(self) -> Relation:
        found = [r for r in self.given if any(isinstance(part, AtTime) for part in subterms(r.lhs))]
        if len(found) != 1:
            raise ValueError(f"{self.label} has no single hypothesis about the initial datum")
        return found[0]

    def _claim(self, name: str) -> Relation:
        if name not in self.claims:
            raise ValueError(f"{self.label} has no step {name!r}; it has {', '.join(self.claims)}")
        return self.claims[name]

    def _along(
        self, term: Term, values: Mapping[str, float], state: State, t: Array | None = None
    ) -> Array:
        known = {name: self._part(node, state) for name, node in self.states.items()}
        times = {} if t is None else {"t": t}
        return _evaluate(term, {**values, **times}, known, len(state.chi2))

    def _part(self, node: Node, state: State) -> Array:
        match node:
            case Norm(FunctionSymbol(space=space)):
                return np.sqrt(self._of(space, state.chi2))
            case DualNorm(FunctionSymbol(space=space)):
                return np.sqrt(self._of(space, state.dual))
        return state.entropy[:, 0]

    def _of(self, space: Space, values: Array) -> Array:
        return values.sum(axis=1) if space.union else values[:, self.spaces.index(space)]


def _is_symbol(node: Node) -> bool:
    """Whether a norm is that of a perturbation itself; an entropy always is relative to mu_bar."""
    return isinstance(node, RelativeEntropy) or isinstance(
        getattr(node, "argument", None), FunctionSymbol
    )


def _parameters(term: Term) -> set[str]:
    return {p.name for p in symbols(term) if isinstance(p, Parameter)}


def _named(term: Term, name: str) -> Iterable[Parameter]:
    return (p for p in symbols(term) if isinstance(p, Parameter) and p.name == name)


def _value(term: Term, values: Mapping[str, float]) -> float:
    return float(_evaluate(term, values, {}, 1)[0])


def _evaluate(
    term: Term, values: Mapping[str, float | Array], states: Mapping[str, Array], size: int
) -> Array:
    """A term at constants and states, which are also the values at time 0; shape (size,)."""
    request = Request.of(term)
    parts: Sequence[Term] = request.ordered(Parameter)
    constants: dict[Term, Array] = {p: np.ones(size) * values[p.name] for p in parts}
    moving: dict[Term, Array] = {q: states[q.name] for q in request.ordered(Quantity)}
    backend = FloatTorus({}, size)
    now = Evaluator(backend, {**constants, **moving})
    start: dict[Term, Evaluator] = {Rational(Fraction(0)): now}
    return np.asarray(Evaluator(backend, {**constants, **moving}, times=start)(term))
