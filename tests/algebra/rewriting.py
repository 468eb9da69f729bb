"""Random rewriting of terms by identities, valid ones and plausible false ones."""

from fractions import Fraction

from mflverify.expr.sorts import SCALAR, FunctionSort, SortError, VectorSort
from mflverify.expr.substitution import rebuild
from mflverify.expr.terms import (
    Apply,
    Center,
    Dot,
    DualNorm,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    Norm,
    One,
    Power,
    Product,
    Projector,
    Rational,
    Sum,
    Term,
    children,
    is_mean_zero,
)

HALF = Rational(Fraction(1, 2))


def _split(term):
    """A product as first factor and rest."""
    return term.factors[0], Product.of(*term.factors[1:])


def valid(term: Term):
    """Terms equal to `term`, each by one identity applied at its root."""
    yield from neutral(term)
    if isinstance(term.sort, FunctionSort):
        yield Sum.of(term, Generator(term), -Generator(term))
        if is_mean_zero(term):
            yield Generator(GeneratorInverse(term))
            yield GeneratorInverse(Generator(term))
            yield GradientAdjoint(Gradient(GeneratorInverse(term)))


def neutral(term: Term):
    """Those that bring in no new L."""
    if isinstance(term.sort, FunctionSort):
        yield from _valid_for_functions(term)
    if isinstance(term.sort, VectorSort):
        yield from _valid_for_fields(term)
    match term:
        case Inner(a, b):
            yield Inner(b, a)
        case Power(Norm(a), Fraction(numerator=2, denominator=1)):
            yield Inner(a, a)
        case Power(DualNorm(a), Fraction(numerator=2, denominator=1)):
            yield Inner(a, GeneratorInverse(a))
            yield Power.of(Norm(Gradient(GeneratorInverse(a))), Fraction(2))
        case Product(factors=(first, *rest)):
            yield Product.of(*rest, first)
            if isinstance(first, Sum):
                yield Sum.of(*(Product.of(part, *rest) for part in first.terms))
        case Sum(terms=(first, *rest)):
            yield Sum.of(*rest, first)
    match term:
        case Inner(Sum(terms), b):
            yield Sum.of(*(Inner(part, b) for part in terms))
        case Inner(Generator(a), b):
            yield Inner(a, Generator(b))
            yield Inner(Gradient(a), Gradient(b))
        case Inner(GeneratorInverse(a), b):
            yield Inner(a, GeneratorInverse(Center(b)))
        case Inner(GradientAdjoint(field), b):
            yield Inner(field, Gradient(b))
        case Inner(Gradient(a), field):
            yield Inner(a, GradientAdjoint(field))
        case Inner(Projector(a), b):
            yield Inner(a, Projector(b))
        case Inner(Apply(operator, a), b):
            yield Inner(a, Apply(operator.T, b))
        case Inner(Dot(a, b), c):
            yield Inner(a, Product.of(c, b))
        case Inner(Product() as product, b) if isinstance(b.sort, FunctionSort):
            first, rest = _split(product)
            if first.sort == SCALAR:
                yield Product.of(first, Inner(rest, b))
            elif rest.sort != SCALAR:
                yield Inner(first, Product.of(rest, b))


def _valid_for_functions(term):
    space = term.sort.space
    yield Sum.of(Center(term), Product.of(Inner(term, One(space)), One(space)))
    match term:
        case Generator(a):
            yield GradientAdjoint(Gradient(a))
        case GradientAdjoint(Gradient(a)):
            yield Generator(a)
        case GradientAdjoint(field):
            yield GradientAdjoint(Projector(field))
        case Dot(a, b):
            yield Dot(b, a)
    match term:
        case Generator(Product() as product) if product.factors[0].sort != SCALAR:
            a, b = _split(product)
            yield a * Generator(b) + b * Generator(a) - 2 * Dot(Gradient(a), Gradient(b))
        case Dot(Gradient(a), Gradient(b)):
            yield HALF * (a * Generator(b) + b * Generator(a) - Generator(a * b))
        case GradientAdjoint(Product() as product):
            a, field = _split(product)
            if isinstance(a.sort, FunctionSort):
                yield a * GradientAdjoint(field) - Dot(Gradient(a), field)
        case Generator(Sum(terms)) | Apply(argument=Sum(terms)) | GradientAdjoint(Sum(terms)):
            build = {Generator: Generator, GradientAdjoint: GradientAdjoint}.get(
                type(term), lambda u: Apply(term.operator, u)
            )
            yield Sum.of(*(build(part) for part in terms))


def _valid_for_fields(term):
    match term:
        case Projector(field):
            yield Gradient(GeneratorInverse(GradientAdjoint(field)))
        case Gradient(Product() as product) if product.factors[0].sort != SCALAR:
            a, b = _split(product)
            yield a * Gradient(b) + b * Gradient(a)
        case Gradient(Sum(terms)):
            yield Sum.of(*(Gradient(part) for part in terms))
        case Gradient(a):
            yield Projector(Gradient(a))
            yield Gradient(Center(a))


def false(term: Term):
    """Terms that look like `term` and are in general different."""
    match term:
        case Inner(Apply(operator, a), b) if operator.sort.source == operator.sort.target:
            yield Inner(a, Apply(operator, b))
        case Inner(Generator(a), b):
            yield -Inner(Gradient(a), Gradient(b))
        case Generator(Product() as product) if product.factors[0].sort != SCALAR:
            a, b = _split(product)
            yield a * Generator(b) + b * Generator(a)
            yield a * Generator(b) + b * Generator(a) - Dot(Gradient(a), Gradient(b))
        case Generator(a):
            yield a
        case GeneratorInverse(a):
            yield a
        case Center(a):
            yield a
        case Projector(field):
            yield field
        case GradientAdjoint(Product() as product):
            a, field = _split(product)
            if isinstance(a.sort, FunctionSort):
                yield a * GradientAdjoint(field)
        case Sum(terms=(_, *rest)):
            yield Sum.of(*rest)
        case Product(factors=(Rational(value), *rest)):
            yield Product.of(Rational(-value), *rest)


def step(term, choose, identities=valid):
    """One rewriting at a place and by an identity that `choose` picks, or `term` itself."""
    path, place = _descend(term, choose)
    try:
        results = list(identities(place))
    except SortError:
        return term  # a rule that needs a mean-zero function does not apply here
    if not results:
        return term
    try:
        return _replace(term, path, results[choose(len(results))])
    except SortError:
        return term  # what was visibly mean-zero no longer is


def _places(term):
    """The children that are scalars, functions or vector fields, with their positions."""
    sorts = (type(SCALAR), FunctionSort, VectorSort)
    return [
        (position, child)
        for position, child in enumerate(children(term))
        if isinstance(child, Term) and isinstance(child.sort, sorts)
    ]


def _descend(term, choose):
    """A random place: down from the root, stopping with equal chance at each level."""
    path = []
    while (places := _places(term)) and choose(3):
        position, term = places[choose(len(places))]
        path.append(position)
    return path, term


def _replace(term, path, image):
    if not path:
        return image
    position = iter(range(len(list(children(term)))))

    def on_child(child):
        return _replace(child, path[1:], image) if next(position) == path[0] else child

    return rebuild(term, on_child)
