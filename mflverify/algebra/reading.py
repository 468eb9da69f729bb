"""Normal forms read back as terms, so that what the algebra holds can be printed and evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from mflverify.algebra.diagram import (
    GREEN,
    IDENTITY,
    Edge,
    Hole,
    Item,
    Leaf,
    Leg,
    Vertex,
    Weight,
    hole_item,
    hole_power,
    is_differential,
    is_green,
    is_mean,
    is_vector,
    rootings,
)
from mflverify.algebra.polynomial import Atom, Polynomial
from mflverify.expr.digest import canonical_text
from mflverify.expr.terms import (
    Abs,
    Apply,
    AtTime,
    Center,
    Direction,
    Directional,
    Dot,
    DualNorm,
    Exp,
    Extremum,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    KernelSlice,
    KernelSymbol,
    Norm,
    One,
    Power,
    Product,
    Rational,
    Sum,
    Term,
    Transpose,
    is_mean_zero,
)


def read_tree(tree: Vertex) -> Term:
    """A term whose normal form is that of the given tree: over all choices of root that the language
    can express, the one with the fewest adjoints, then the shortest."""
    candidates = [_read_root(rooted) for rooted in rootings(tree) if _is_readable(rooted)]
    return min(candidates, key=_plainness)


def _is_readable(root: Vertex) -> bool:
    """Whether below the root the only pinned vertices are slices v . grad_x k(x, .) of a kernel."""
    for leg in root.legs:
        if isinstance(leg, Edge):
            child = leg.child
            if child.point is not None and not _is_slice(leg):
                return False
            if not _is_readable(child):
                return False
    return True


def _is_slice(leg: Edge) -> bool:
    (value, *others), power = leg.child.items, hole_power(leg.child)
    return isinstance(leg.kind, KernelSymbol) and not others and len(value) == 2 and power == 0


def _plainness(term: Term) -> tuple[int, int, str]:
    text = canonical_text(term)
    weights = {"(GradientAdjoint": 2, "(Center": 1, "(Transpose": 1}
    return (sum(w * text.count(word) for word, w in weights.items()), len(text), text)


def _in_order(legs: Iterable[Leg]) -> list[Leg]:
    """Legs as they are written in a product: symbols first, then L^-1, then kernels."""

    def place(leg: Leg) -> tuple[bool, bool]:
        shown = _through_identity(leg)
        return (not isinstance(shown, (Leaf, Weight)), not is_green(shown))

    return sorted(legs, key=place)


def _through_identity(leg: Leg) -> Leg:
    """What is read for a leg: that at the other end of an identity edge, when it is alone there."""
    if is_differential(leg) and leg.kind == IDENTITY and len(leg.child.items) == 2:
        others = [part for part in leg.child.legs if not isinstance(part, Hole)]
        return _through_identity(others[0]) if len(others) == 1 else leg
    return leg


def read_polynomial(polynomial: Polynomial) -> Term:
    """A term with the given normal form, monomials in canonical order."""
    parts: list[Term] = []
    for monomial in polynomial.order:
        factors = [_read_power(atom, power) for atom, power in monomial if atom.kind != "exp"]
        exponent = Polynomial()
        for atom, power in monomial:
            if atom.kind == "exp":
                assert isinstance(atom.payload, Polynomial)
                exponent = exponent + atom.payload.scale(power)
        if exponent.terms:
            factors.append(Exp(read_polynomial(exponent)))
        parts.append(Product.of(Rational(polynomial.terms[monomial]), *factors))
    return Sum.of(*parts) if parts else Rational(Fraction(0))


def read_atom(atom: Atom) -> Term:
    """The scalar that an atom stands for."""
    return _read_power(atom, Fraction(1))


def _read_power(atom: Atom, power: Fraction) -> Term:
    payload = atom.payload
    match atom.kind:
        case "integral":
            assert isinstance(payload, Vertex)
            term = read_tree(payload)
            if isinstance(term, Power) and isinstance(term.base, (Norm, DualNorm)):
                return Power.of(term.base, term.exponent * power)
            return Power.of(term, power)
        case "prime":
            return Power.of(Rational(Fraction(int(atom.key))), power)
        case "composite":
            assert isinstance(payload, Polynomial)
            return Power.of(read_polynomial(payload), power)
        case "exp":
            assert isinstance(payload, Polynomial)
            return Exp(read_polynomial(payload.scale(power)))
        case "abs":
            assert isinstance(payload, Polynomial)
            return Power.of(Abs(read_polynomial(payload)), power)
        case "extremum":
            which, parts = payload  # type: ignore[misc]
            return Power.of(Extremum(which, tuple(read_polynomial(part) for part in parts)), power)
        case "at":
            inner, time = payload  # type: ignore[misc]
            base = read_atom(inner)
            moment = read_polynomial(time)
            if isinstance(base, Power):
                return Power.of(AtTime(base.base, moment), base.exponent * power)
            return Power.of(AtTime(base, moment), power)
        case _:
            assert isinstance(payload, Term)
            return Power.of(payload, power)


def _read_root(root: Vertex) -> Term:
    singles = [_function(leg) for leg in _in_order(v[0] for v in root.items if len(v) == 1)]
    pairs = [value for value in root.items if len(value) == 2]
    if root.point is not None:
        return _read_pinned(root, singles, pairs)
    if len(pairs) == 1:
        v, w = (_field(leg) for leg in _in_order(pairs[0]))
        if not singles and v == w:
            return Norm(v) ** 2
        return Inner(v, Product.of(*singles, w))
    factors = [*singles, *map(_dot, pairs)]
    if len(factors) < 2:
        return Inner(*factors, *(One(root.space) for _ in range(2 - len(factors))))
    if len(factors) == 2:
        first, second = factors
        if first == second:
            return Norm(first) ** 2
        for f, other in ((first, second), (second, first)):
            if is_mean_zero(f) and other == GeneratorInverse(f):
                return DualNorm(f) ** 2
    return Inner(factors[0], Product.of(*factors[1:]))


def _read_pinned(root: Vertex, singles: list[Term], pairs: list[Item]) -> Term:
    """A value at a point: one derivative along a direction, times values of functions."""
    assert root.point is not None
    directed = [value for value in pairs if any(map(_is_direction, value))]
    if len(directed) != 1:
        raise TypeError("a value at a point without exactly one direction")
    v, other = directed[0] if _is_direction(directed[0][0]) else directed[0][::-1]
    assert isinstance(v, Leaf)
    dots = [_dot(pair) for pair in pairs if pair != directed[0]]
    return Directional(Product.of(*singles, *dots, _field(other)), root.point, v.symbol)


def _is_direction(leg: Leg) -> bool:
    return isinstance(leg, Leaf) and isinstance(leg.symbol, Direction)


def _field(leg: Leg) -> Term:
    return leg.symbol if is_vector(leg) else Gradient(_function(leg))


def _dot(pair: Item) -> Term:
    a, b = _in_order(pair)
    return Dot(_field(a), _field(b))


def _function(leg: Leg) -> Term:
    assert not isinstance(leg, Hole)
    if isinstance(leg, Weight):
        return Power.of(leg.symbol, leg.exponent)
    term = _leaf(leg) if isinstance(leg, Leaf) else _hanging(leg)
    return _powers(leg.power, term)


def _powers(power: int, term: Term) -> Term:
    for _ in range(power):
        term = Generator(term)
    return term


def _leaf(leg: Leaf) -> Term:
    return GradientAdjoint(leg.symbol) if leg.divergence else leg.symbol


def _hanging(leg: Edge) -> Term:
    """The function at this end of an edge, without the power of L on the end."""
    child = leg.child
    if isinstance(leg.kind, KernelSymbol) and child.point is not None:
        (v,) = (part for part in child.legs if isinstance(part, Leaf))
        operator = Transpose(leg.kind) if leg.end == "target" else leg.kind
        return KernelSlice(operator, child.point, v.symbol)
    far = hole_item(child)
    rest = child.without(far)
    factors = [_function(leg) for leg in _in_order(v[0] for v in rest if len(v) == 1)]
    factors += [_dot(value) for value in rest if len(value) == 2]
    if len(far) == 2:
        partner = next(part for part in far if not isinstance(part, Hole))
        inside: Term = GradientAdjoint(Product.of(*factors, _field(partner)))
    else:
        inside = Product.of(*factors) if factors else One(child.space)
    inside = _powers(hole_power(child), inside)
    if is_mean(leg):
        return inside - Center(inside)
    if isinstance(leg.kind, KernelSymbol):
        return Apply(Transpose(leg.kind) if leg.end == "source" else leg.kind, inside)
    if leg.kind == GREEN:
        return GeneratorInverse(inside if is_mean_zero(inside) else Center(inside))
    return _powers(leg.kind, inside)


__all__ = ["read_atom", "read_polynomial", "read_tree"]
