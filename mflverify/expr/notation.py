"""The notations: how each term of the language is written, independently of the output language.

`NOTATIONS` is the one table.  An entry turns a node into a layout; what is not in the table is
refused.  The notations are the paper's (statements.md, section 0): L_x, grad_x^*, M^*, ||f||_{-1}.
"""

from __future__ import annotations

import fractions
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, frozen

from mflverify.expr import (
    densities,
    distances,
    divergences,
    functionals,
    hessians,
    lebesgue,
    segments,
    terms,
    unions,
    variations,
    weights,
)
from mflverify.expr.layout import (
    GREEK,
    PRIME,
    Call,
    Compared,
    Dotted,
    Fence,
    Fraction,
    Juxtaposed,
    Layout,
    Lines,
    Matrix,
    Number,
    Prefixed,
    Ratio,
    Root,
    Row,
    Script,
    SignedSum,
    Symbol,
)
from mflverify.expr.sorts import SCALAR, FunctionSort, OperatorSort, Space, VectorSort

NABLA = Symbol("∇", "operator")
STAR = Symbol("∗", "operator")
COMMA = Symbol(",", "operator")
D_DT = Fraction(Symbol("d"), Row((Symbol("d"), Symbol("t"))))
D_DS = Fraction(Symbol("d"), Row((Symbol("d"), Symbol("s"))))
MINUS_ONE = SignedSum(((True, Number("1")),))


@frozen
class Style:
    """What the notation of a node takes from its surroundings.

    show_spaces: operators carry the space they act on, as in L_x.
    time: subscript of the functions and quantities that move, as in f_t.
    """

    show_spaces: bool
    time: Layout | None = None

    def on(self, operator: Layout, space: Space, sup: Layout | None = None) -> Layout:
        """An operator acting on `space`, with an optional superscript."""
        sub = written_name(space.name.lower()) if self.show_spaces else None
        return Script(operator, sub, sup) if sub or sup else operator


def written_name(name: str, *further: Layout) -> Layout:
    """A name with `further` subscripts: `tau`, `alpha_x`, `K1`, `f_x`, `x'`; words are upright."""
    head, *tail = name.split("_")
    match = re.fullmatch(r"([^\W\d_]+)(\d*)('*)", head)
    if match is None or not all(tail):
        base, subs, primes = Symbol(name, "upright"), list(further), ""
    else:
        letters, digits, primes = match.groups()
        base = GREEK.get(letters) or Symbol(letters, "italic" if len(letters) == 1 else "upright")
        subs = [Number(digits)] if digits else []
        subs += [Number(part) if part.isdecimal() else written_name(part) for part in tail]
        subs += further
    sub = _listed(subs) if subs else None
    sup = Row((PRIME,) * len(primes)) if primes else None
    return Script(base, sub, sup) if sub or sup else base


def _listed(items: list[Layout]) -> Layout:
    if len(items) == 1:
        return items[0]
    return Row((items[0], *(part for item in items[1:] for part in (COMMA, item))))


def notation(node: terms.Node, style: Style) -> Layout:
    """The layout of a node.  Raises TypeError when the table has no notation for its class."""
    return _entry(node)(node, style)


def _entry(node: terms.Node) -> Callable[[Any, Style], Layout]:
    entry = NOTATIONS.get(type(node))
    if entry is None:
        raise TypeError(f"no notation for {type(node).__name__}: add it to the table of notations")
    return entry


def shown_spaces(node: terms.Node) -> frozenset[Space]:
    """The spaces of the visible parts of `node`; the flow behind a d/dt is not visible.

    Raises TypeError as `notation` does.
    """
    _entry(node)
    found: set[Space] = set()
    if isinstance(node, terms.Term):
        match node.sort:
            case OperatorSort(source, target):
                found |= {source, target}
            case FunctionSort(space) | VectorSort(space):
                found.add(space)
            case _ if isinstance(space := getattr(node, "space", None), Space):
                found.add(space)
    for child in terms.children(node):
        if not isinstance(child, terms.Flow):
            found |= shown_spaces(child)
    return frozenset(found)


# ------------------------------------------------------------------------------- arithmetic


def _rational(node: terms.Rational, _style: Style) -> Layout:
    number = _positive(abs(node.value))
    return SignedSum(((True, number),)) if node.value < 0 else number


def _positive(value: fractions.Fraction) -> Layout:
    top, bottom = Number(str(value.numerator)), Number(str(value.denominator))
    return top if value.denominator == 1 else Ratio((top,), (bottom,))


def _sum(node: terms.Sum, style: Style) -> Layout:
    return SignedSum(tuple(_signed(part, style) for part in node.terms))


def _signed(node: terms.Term, style: Style) -> tuple[bool, Layout]:
    """The sign of a term (True: minus) and its layout without it."""
    if isinstance(node, (terms.Product, terms.Rational)):
        layout = notation(node, style)
        if isinstance(layout, SignedSum) and len(layout.terms) == 1:
            return layout.terms[0]
        return False, layout
    return False, notation(node, style)


def _product(node: terms.Product, style: Style) -> Layout:
    """A product; the factors with negative exponents go below a bar.

    Beside the bar stay the functions, and also the moving scalars when only constants are below.
    """
    coefficient, above, below = fractions.Fraction(1), list[terms.Term](), list[terms.Term]()
    for factor in node.factors:
        if isinstance(factor, terms.Rational):
            coefficient *= factor.value
        elif isinstance(factor, terms.Power) and factor.exponent < 0:
            below.append(terms.Power.of(factor.base, -factor.exponent))
        else:
            above.append(factor)
    if all(factor.sort == SCALAR or isinstance(factor, terms.One) for factor in above):
        # The constant function c times 1 is written c.
        above = [factor for factor in above if factor.sort == SCALAR]
    top, bottom = abs(coefficient.numerator), coefficient.denominator
    denominator = [Number(str(bottom))] if bottom != 1 else []
    denominator += [notation(factor, style) for factor in below]
    if denominator:
        movable = all(_is_constant(factor) for factor in below)
        held = [f for f in above if f.sort == SCALAR and (_is_constant(f) or not movable)]
        beside = [f for f in above if f not in held]
        upper = _factors(held, style)
        if top != 1 or not upper:
            upper.insert(0, Number(str(top)))
        lower, after = tuple(denominator), tuple(_factors(beside, style))
        if all(factor.sort == SCALAR for factor in beside):
            layout: Layout = Ratio(tuple(upper), lower, after)
        else:
            layout = Juxtaposed((Ratio(tuple(upper), lower), *after))
    else:
        items = _factors(above, style)
        if top != 1 or not items:
            items.insert(0, Number(str(top)))
        layout = items[0] if len(items) == 1 else Juxtaposed(tuple(items))
    return SignedSum(((True, layout),)) if coefficient < 0 else layout


def _factors(factors: list[terms.Term], style: Style) -> list[Layout]:
    """The factors of a product; a function that occurs several times is written as a power."""
    found: list[Layout] = []
    for factor, times in Counter(factors).items():
        layout = notation(factor, style)
        if times > 1 and isinstance(factor.sort, FunctionSort):
            found.append(_raised(layout, Number(str(times))))
        else:
            found += [layout] * times
    return found


def _is_constant(node: terms.Node) -> bool:
    """Whether a scalar visibly does not move: it is made of numbers and parameters."""
    moving = (
        terms.FunctionSymbol, terms.VectorSymbol, terms.Quantity, terms.Point,
        terms.TimeDerivative, terms.AtTime,
    )  # fmt: skip
    return not any(isinstance(part, moving) for part in terms.subterms(node))


def _power(node: terms.Power, style: Style) -> Layout:
    if node.exponent < 0:
        inverse = terms.Power.of(node.base, -node.exponent)
        return Ratio((Number("1"),), (notation(inverse, style),))
    base = notation(node.base, style)
    if node.exponent == fractions.Fraction(1, 2):
        return Root(base)
    return _raised(base, Number(str(node.exponent)))


def _raised(base: Layout, sup: Layout) -> Layout:
    """`base` with a superscript, above its subscript when it has one."""
    match base:
        case Script(Symbol() | Fence(left="‖"), sub, None):
            return Script(base.base, sub, sup)
        case _:
            return Script(base, sup=sup)


# --------------------------------------------------------------------------- time and functions


def _moving(name: str, style: Style) -> Layout:
    return written_name(name) if style.time is None else written_name(name, style.time)


def _at_time(node: terms.AtTime, style: Style) -> Layout:
    """f_t for each f when it is clear what moves, else a bar: (...)|_t."""
    time = notation(node.time, evolve(style, time=None))
    inside = list(terms.subterms(node.argument))
    symbols = [p for p in inside if isinstance(p, (terms.FunctionSymbol, terms.Quantity))]
    moves = all(isinstance(p, terms.Quantity) or p.kind == "perturbation" for p in symbols)
    other = (terms.TimeDerivative, terms.AtTime, terms.VectorSymbol)
    if symbols and moves and not any(isinstance(part, other) for part in inside):
        return notation(node.argument, evolve(style, time=time))
    return Script(Fence("", (notation(node.argument, evolve(style, time=None)),), "|"), time)


def _kernel(operator: terms.Term, style: Style, *arguments: Layout) -> Layout:
    kernel = Script(Symbol("k"), notation(operator, style))
    return Call(kernel, arguments) if arguments else kernel


def _kernel_slice(node: terms.KernelSlice, style: Style) -> Layout:
    point, free = notation(node.point, style), Symbol("·")
    operator, places = node.operator, (point, free)
    if isinstance(operator, terms.Transpose):  # k_{M^*}(y, x) = k_M(x, y)
        operator, places = operator.operator, (free, point)
    gradient = style.on(NABLA, node.point.space)  # type: ignore[attr-defined]  (a Point)
    slope = Prefixed(gradient, _kernel(operator, style, *places))
    return Dotted(notation(node.direction, style), slope)


def _mixed_derivative(operator: terms.Term, style: Style) -> Layout:
    sort = operator.sort
    assert isinstance(sort, OperatorSort)
    if style.show_spaces and sort.source != sort.target:
        first, second = style.on(NABLA, sort.target), style.on(NABLA, sort.source)
    else:
        first, second = NABLA, Script(NABLA, sup=Row((PRIME,)))
    return Prefixed(first, Prefixed(second, _kernel(operator, style)))


def _mixed_sup(node: terms.MixedSup, style: Style) -> Layout:
    return Prefixed(Symbol("sup", "operator"), _norm(_mixed_derivative(node.operator, style)))


def _shifted_slack(node: unions.ShiftedSlack, style: Style) -> Layout:
    """The slack of M + s."""
    parts = (*node.operators, *(shift for _, shift in node.shifts))
    total = SignedSum(tuple((False, notation(part, style)) for part in parts))
    return Call(Script(Symbol("λ"), Symbol("opt", "upright")), (total,))


def _mixed_norm(node: unions.MixedNorm, style: Style) -> Layout:
    """The spectral norm of a matrix, of which one entry is shown."""
    entries = (_mixed_entry(operator, style) for operator in node.operators)
    body: Layout = SignedSum(tuple((False, entry) for entry in entries))
    if node.weight:
        weight = Fence("(", (notation(node.weight[0], style),), ")")
        body = Juxtaposed((Script(weight, Symbol("i")), body, Script(weight, Symbol("j"))))
    matrix = Script(Fence("(", (body,), ")"), Row((Symbol("i"), Symbol("j"))))
    return _norm(matrix)


def _mixed_entry(operator: terms.Term, style: Style) -> Layout:
    slopes = Script(NABLA, Symbol("i")), Script(NABLA, Symbol("j"))
    mixed = Prefixed(slopes[0], Prefixed(slopes[1], _kernel(operator, style)))
    return Prefixed(Symbol("sup", "operator"), _norm(mixed))


def _third_norm(node: unions.ThirdNorm, style: Style) -> Layout:
    body: Layout = Script(notation(node.functional, style), sup=Row((PRIME, PRIME)))
    for index in "kji":
        body = Prefixed(Script(NABLA, Symbol(index)), body)
    supremum = Prefixed(Symbol("sup", "operator"), _norm(body))
    indices = Row((Symbol("i"), COMMA, Symbol("j"), Symbol("k")))
    return _norm(Script(Fence("(", (supremum,), ")"), indices))


def _third_sup(node: terms.ThirdSup, style: Style) -> Layout:
    functional = node.functional
    spaces = (functional.target, functional.sources[node.first], functional.sources[node.second])
    if style.show_spaces and len(set(spaces)) > 1:
        gradients = [style.on(NABLA, space) for space in spaces]
    else:
        gradients = [Script(NABLA, sup=Row((PRIME,) * n)) if n else NABLA for n in range(3)]
    body: Layout = Script(notation(functional, style), sup=Row((PRIME, PRIME)))
    for gradient in reversed(gradients):
        body = Prefixed(gradient, body)
    return Prefixed(Symbol("sup", "operator"), _norm(body))


def _second_sup(node: variations.SecondSup, style: Style) -> Layout:
    functional = node.functional
    outer: Layout = NABLA
    inner: Layout = Script(Script(NABLA, sup=Row((PRIME,))), sup=Number("2"))
    if style.show_spaces and len({functional.target, *functional.sources}) > 1:
        outer = style.on(NABLA, functional.target)
        inner = style.on(NABLA, functional.sources[node.index], Number("2"))
    body = Script(notation(functional, style), sup=Row((PRIME,)))
    return Prefixed(Symbol("sup", "operator"), _norm(Prefixed(outer, Prefixed(inner, body))))


def _variation_along(node: variations.SegmentVariation, style: Style) -> Layout:
    q = node.position
    moved = q / (1 + q) * node.state
    at_state = Call(
        Script(notation(node.functional, style), sup=Row((PRIME, PRIME))), (notation(moved, style),)
    )
    return Call(at_state, (notation(node.left, style), notation(node.right, style)))


def _segment_slope(node: segments.SegmentSlope, style: Style) -> Layout:
    """inf_s <f - g, d/ds R(g + s (f - g))>"""
    s = terms.Parameter("s", "nonnegative")
    steps = [f - g for f, g in zip(node.ends, node.starts, strict=True)]
    moved = [g + s * h for g, h in zip(node.starts, steps, strict=True)]
    parts = [
        Fence(
            "⟨", (notation(h, style), Prefixed(D_DS, notation(r(*moved), style), spaced=True)), "⟩"
        )
        for h, r in zip(steps, node.functionals, strict=True)
    ]
    total = SignedSum(tuple((False, part) for part in parts)) if len(parts) > 1 else parts[0]
    return Prefixed(Script(Symbol("inf", "operator"), Symbol("s")), total)


def _slack(node: terms.MonotonicitySlack, style: Style) -> Layout:
    weights = tuple(notation(weight, style) for _, weight in node.weights)
    operators = tuple(notation(operator, style) for operator in node.operators)
    return Call(Script(Symbol("λ"), Symbol("opt", "upright")), (*operators, *weights))


def _second_variation(node: Any, style: Style) -> Layout:
    """k_M + R', the second variation at any measure."""
    slope = Script(notation(node.functional, style), sup=PRIME)
    return SignedSum(((False, _kernel(node.operator, style)), (False, slope)))


def _variation_sup(node: functionals.VariationSup, style: Style) -> Layout:
    body = _second_variation(node, style)
    prime = Script(NABLA, sup=PRIME)
    if not node.derivatives:
        return Prefixed(Symbol("sup", "operator"), _absolute(body))
    body = Prefixed(prime, Fence("(", (body,), ")"))
    body = Prefixed(NABLA, body) if node.derivatives == 2 else body
    return Prefixed(Symbol("sup", "operator"), _norm(body))


def _variation_slack(node: functionals.VariationSlack, style: Style) -> Layout:
    return Call(Script(Symbol("λ"), Symbol("opt", "upright")), (_second_variation(node, style),))


def _absolute(body: Layout) -> Layout:
    return Fence("|", (body,), "|")


def _gibbs(node: densities.GibbsDensity, style: Style) -> Layout:
    """Gibbs(u), a density: its normaliser is not written."""
    return Call(_upright("Gibbs"), (notation(node.potential, style),))


def _spectral_norm(node: terms.SpectralNorm, style: Style) -> Layout:
    rows = tuple(tuple(notation(entry, style) for entry in row) for row in node.rows)
    return _norm(Matrix(rows), Symbol("op", "upright"))


def _upright(text: str) -> Symbol:
    return Symbol(text, "upright")


def _measure(density: terms.Term, style: Style) -> Layout:
    """(1 + f) mu_bar, or mu_bar."""
    assert isinstance(density.sort, FunctionSort)
    equilibrium = style.on(Symbol("μ̄"), density.sort.space)
    if isinstance(density, terms.One):
        return equilibrium
    return Juxtaposed((notation(density, style), equilibrium))


def _divergence(name: Symbol, node: Any, style: Style) -> Layout:
    sides = (
        _measure(node.density, style),
        Symbol("|", "operator"),
        _measure(node.reference, style),
    )
    return Call(name, (Row(sides),))


def _log_sobolev(node: divergences.LogSobolevConstant, style: Style) -> Layout:
    name = Script(Symbol("α"), _upright("LSI"))
    if isinstance(node.reference, terms.One):
        return Call(name, (written_name(node.space.name),))
    return Call(name, (_measure(node.reference, style),))


def _jacobian_square(node: hessians.JacobianSquare, style: Style) -> Layout:
    jacobian = Prefixed(style.on(NABLA, _space_of(node)), notation(node.argument, style))
    return Call(_upright("tr"), (Script(Fence("(", (jacobian,), ")"), sup=Number("2")),))


def _curvature(node: hessians.Curvature, style: Style) -> Layout:
    hessian = Prefixed(style.on(NABLA, _space_of(node), Number("2")), Symbol("U"))
    argument = notation(node.argument, style)
    return Call(hessian, (argument, argument))


def _advection(node: hessians.Advection, style: Style) -> Layout:
    along = Dotted(notation(node.along, style), style.on(NABLA, node.along.sort.space))  # type: ignore[union-attr]
    return Prefixed(Fence("(", (along,), ")"), notation(node.argument, style))


def _kernel_along(node: hessians.KernelAlong, style: Style) -> Layout:
    slope = Prefixed(Script(NABLA, sup=Row((PRIME,))), _kernel(node.operator, style))
    return Fence("⟨", (slope, notation(node.argument, style)), "⟩")


def _convexity(node: hessians.EquilibriumConvexity, style: Style) -> Layout:
    parts = (node.temperature, *node.operators)
    total = SignedSum(tuple((False, notation(part, style)) for part in parts))
    return Call(Symbol("ρ"), (written_name(node.space.name), total))


def _lebesgue(node: lebesgue.LebesgueNorm, style: Style) -> Layout:
    return _norm(notation(node.density, style), notation(node.exponent, style))


def _weighted(
    name: Symbol, node: weights.WeightedPoincare | weights.WeightedConvexity, style: Style
) -> Layout:
    sides = (written_name(node.space.name), notation(node.weight, style))
    return Call(Script(name, Symbol("w", "upright")), sides)


def _space_of(node: terms.Term) -> Space:
    assert isinstance(node.sort, FunctionSort)
    return node.sort.space


def _directional(node: terms.Directional, style: Style) -> Layout:
    value = Call(notation(node.field_, style), (notation(node.point, style),))
    return Dotted(notation(node.direction, style), value)


def _norm(body: Layout, sub: Layout | None = None) -> Layout:
    fence = Fence("‖", (body,), "‖")
    return Script(fence, sub) if sub else fence


def _operator(sign: Layout, sup: Layout | None = None) -> Callable[[Any, Style], Layout]:
    """The notation of a differential operator, which lives on the space of its argument."""

    def write(node: Any, style: Style) -> Layout:
        (space,) = {node.sort.space, node.argument.sort.space}
        return Prefixed(style.on(sign, space, sup), notation(node.argument, style))

    return write


def _flow(node: terms.Flow, style: Style) -> Layout:
    if not node.equations:
        raise ValueError(f"flow {node.name!r} is abstract: it has no equations to print")
    pairs = [(notation(left, style), notation(right, style)) for left, right in node.equations]
    lines = tuple(Compared(Prefixed(D_DT, left, spaced=True), "=", right) for left, right in pairs)
    return lines[0] if len(lines) == 1 else Lines(lines)


_RELATIONS: Mapping[terms.RelationKind, str] = {"eq": "=", "le": "≤", "lt": "<"}

# Keys are the exact classes; values take a node of that class.
NOTATIONS: Mapping[type, Callable[[Any, Style], Layout]] = {
    terms.Rational: _rational,
    terms.Parameter: lambda node, style: written_name(node.name),
    terms.Sum: _sum,
    terms.Product: _product,
    terms.Power: _power,
    terms.Abs: lambda node, style: _absolute(notation(node.argument, style)),
    terms.Exp: lambda node, style: Script(Symbol("e"), sup=notation(node.argument, style)),
    terms.Extremum: lambda node, style: Call(
        Symbol(node.which, "operator"), tuple(notation(part, style) for part in node.arguments)
    ),
    terms.Inner: lambda node, style: Fence(
        "⟨", (notation(node.left, style), notation(node.right, style)), "⟩"
    ),
    terms.Norm: lambda node, style: _norm(notation(node.argument, style)),
    terms.DualNorm: lambda node, style: _norm(notation(node.argument, style), MINUS_ONE),
    terms.SupNorm: lambda node, style: _norm(notation(node.argument, style), Symbol("∞")),
    terms.MixedSup: _mixed_sup,
    terms.ThirdSup: _third_sup,
    variations.SecondSup: _second_sup,
    terms.MonotonicitySlack: _slack,
    terms.SpectralNorm: _spectral_norm,
    terms.PoincareConstant: lambda node, style: Call(
        Script(Symbol("α"), Symbol("PI", "upright")), (written_name(node.space.name),)
    ),
    divergences.RelativeEntropy: lambda node, style: _divergence(_upright("KL"), node, style),
    divergences.FisherInformation: lambda node, style: _divergence(Symbol("I"), node, style),
    divergences.Wasserstein: lambda node, style: Call(
        Script(Symbol("W"), Number("2")),
        (_measure(node.density, style), _measure(node.reference, style)),
    ),
    divergences.LogSobolevConstant: _log_sobolev,
    divergences.TransportConstant: lambda node, style: Call(
        Script(Symbol("α"), Row((_upright("T"), Number("2")))), (written_name(node.space.name),)
    ),
    distances.PointDistance: lambda node, style: Call(
        Symbol("d"), (notation(node.left, style), notation(node.right, style))
    ),
    hessians.HilbertSchmidt: lambda node, style: _norm(
        _mixed_derivative(node.operator, style), _upright("HS")
    ),
    divergences.MeanAbsolute: lambda node, style: _norm(
        notation(node.argument, style), Number("1")
    ),
    hessians.JacobianSquare: _jacobian_square,
    hessians.Curvature: _curvature,
    hessians.Divergence: lambda node, style: Prefixed(
        _upright("div"), notation(node.argument, style), spaced=True
    ),
    hessians.Score: lambda node, style: Prefixed(style.on(NABLA, node.space), Symbol("U")),
    hessians.Advection: _advection,
    hessians.KernelAlong: _kernel_along,
    hessians.EquilibriumConvexity: _convexity,
    hessians.CurvatureBound: lambda node, style: Call(
        Symbol("κ"), (written_name(node.space.name),)
    ),
    hessians.InteractionBottom: lambda node, style: Call(
        Symbol("m"), (notation(node.operator, style),)
    ),
    hessians.FirstEigenfunction: lambda node, style: style.on(
        Script(Symbol("e"), Number("1")), node.space
    ),
    unions.ComponentSup: lambda node, style: _norm(
        notation(node.argument, style), _listed([Number("2"), Symbol("∞")])
    ),
    unions.MixedNorm: _mixed_norm,
    unions.ThirdNorm: _third_norm,
    unions.ShiftedSlack: _shifted_slack,
    unions.Least: lambda node, style: Call(
        Symbol("min", "operator"), (notation(node.argument, style),)
    ),
    terms.SpeciesConstant: lambda node, style: written_name(node.name),
    terms.SpeciesGap: lambda node, style: Script(Symbol("α"), Symbol("PI", "upright")),
    lebesgue.LebesgueNorm: _lebesgue,
    weights.WeightedPoincare: lambda node, style: _weighted(Symbol("α"), node, style),
    weights.WeightedConvexity: lambda node, style: _weighted(Symbol("ρ"), node, style),
    weights.Reciprocal: lambda node, style: Script(notation(node.argument, style), sup=MINUS_ONE),
    functionals.VariationSup: _variation_sup,
    functionals.VariationSlack: _variation_slack,
    functionals.RemainderEnergy: lambda node, style: Call(
        Script(Symbol("F"), notation(node.functional, style)), (notation(node.state, style),)
    ),
    densities.GibbsDensity: _gibbs,
    densities.LogDensity: lambda node, style: Call(
        Symbol("log", "operator"), (notation(node.density, style),)
    ),
    terms.Directional: _directional,
    terms.Quantity: lambda node, style: _moving(node.name, style),
    terms.TimeDerivative: lambda node, style: Prefixed(
        D_DT, notation(node.argument, style), spaced=True
    ),
    terms.AtTime: _at_time,
    terms.FunctionSymbol: lambda node, style: _moving(node.name, style),
    terms.One: lambda node, style: Number("1"),
    terms.Generator: _operator(Symbol("L")),
    terms.GeneratorInverse: _operator(Symbol("L"), MINUS_ONE),
    terms.GradientAdjoint: _operator(NABLA, STAR),
    terms.Apply: lambda node, style: Prefixed(
        notation(node.operator, style), notation(node.argument, style)
    ),
    terms.Dot: lambda node, style: Dotted(notation(node.left, style), notation(node.right, style)),
    terms.Center: _operator(Symbol("Π", "upright")),
    terms.KernelSlice: _kernel_slice,
    terms.VectorSymbol: lambda node, style: written_name(node.name),
    terms.Gradient: _operator(NABLA),
    terms.Projector: _operator(Symbol("P")),
    terms.KernelSymbol: lambda node, style: written_name(node.name),
    terms.RemainderSymbol: lambda node, style: written_name(node.name),
    terms.Remainder: lambda node, style: Call(
        notation(node.functional, style), tuple(notation(state, style) for state in node.states)
    ),
    variations.SegmentVariation: _variation_along,
    segments.SegmentSlope: _segment_slope,
    terms.Transpose: lambda node, style: _raised(written_name(node.operator.name), STAR),
    terms.Point: lambda node, style: written_name(node.name),
    terms.Direction: lambda node, style: written_name(node.name),
    terms.Relation: lambda node, style: Compared(
        notation(node.lhs, style), _RELATIONS[node.kind], notation(node.rhs, style)
    ),
    terms.Flow: _flow,
}
