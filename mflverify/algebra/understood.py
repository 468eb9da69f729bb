"""Which nodes of the language the algebra looks into; every other node is opaque to it.

An opaque node stands for itself: it equals what is written alike and nothing else is known of it,
which is sound for whatever it may denote.  A node is told by its class and its fields exactly, so
neither a subclass nor a class that gained a field is mistaken for what it was before.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import attrs

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
from mflverify.expr.sorts import Space
from mflverify.expr.terms import Term

_FIELDS: dict[type, str] = {
    Space: "name union",
    # scalars
    terms.Rational: "value",
    terms.Parameter: "name sign",
    terms.Abs: "argument",
    terms.Exp: "argument",
    terms.Extremum: "which arguments",
    terms.Inner: "left right",
    terms.Norm: "argument",
    terms.DualNorm: "argument",
    terms.SupNorm: "argument",
    terms.MixedSup: "operator",
    terms.PoincareConstant: "space",
    terms.MonotonicitySlack: "operators weights",
    terms.ThirdSup: "functional first second",
    terms.SpectralNorm: "rows",
    variations.SecondSup: "functional index",
    terms.Directional: "field_ point direction",
    terms.Quantity: "name flow sign",
    terms.TimeDerivative: "argument flow",
    terms.AtTime: "argument time",
    divergences.RelativeEntropy: "density reference",
    divergences.FisherInformation: "density reference",
    divergences.Wasserstein: "density reference",
    divergences.LogSobolevConstant: "reference",
    divergences.MeanAbsolute: "argument",
    divergences.TransportConstant: "space",
    distances.PointDistance: "left right",
    hessians.HilbertSchmidt: "operator",
    hessians.InteractionBottom: "operator",
    hessians.CurvatureBound: "space",
    hessians.EquilibriumConvexity: "space temperature operators",
    weights.WeightedPoincare: "weight",
    lebesgue.LebesgueNorm: "density exponent",
    weights.WeightedConvexity: "weight",
    unions.ComponentSup: "argument",
    unions.MixedNorm: "operators weight",
    unions.ShiftedSlack: "operators shifts",
    unions.Least: "argument",
    unions.ThirdNorm: "functional",
    segments.SegmentSlope: "functionals ends starts",
    functionals.RemainderEnergy: "functional state",
    functionals.VariationSup: "operator functional derivatives",
    functionals.VariationSlack: "operator functional",
    # of any sort
    terms.Sum: "terms",
    terms.Product: "factors _sort",
    terms.Power: "base exponent",
    # functions
    terms.FunctionSymbol: "name space kind",
    terms.SpeciesConstant: "name space sign",
    terms.SpeciesGap: "space",
    terms.One: "space",
    hessians.FirstEigenfunction: "space",
    terms.Generator: "argument",
    terms.GeneratorInverse: "argument",
    terms.GradientAdjoint: "argument",
    terms.Apply: "operator argument",
    terms.Dot: "left right",
    terms.Center: "argument",
    terms.KernelSlice: "operator point direction",
    densities.GibbsDensity: "potential",
    densities.LogDensity: "density",
    # vector fields
    terms.VectorSymbol: "name space",
    hessians.Score: "space",
    terms.Gradient: "argument",
    terms.Projector: "argument",
    # operators, points and directions
    terms.KernelSymbol: "name source target symmetric",
    terms.Transpose: "operator",
    terms.RemainderSymbol: "name sources target",
    terms.Point: "name space",
    terms.Direction: "name space",
}


@cache
def is_as_listed(kind: type) -> bool:
    """Whether a class of nodes is known here, with just the fields that it has."""
    return _FIELDS.get(kind) == " ".join(field.name for field in attrs.fields(kind))


def is_understood(term: Term) -> bool:
    """Whether the algebra knows what `term` means, itself and the operators it applies.

    Its other parts may be opaque: they are looked at when they are met.
    """
    if not is_as_listed(type(term)):
        return False
    operator = getattr(term, "operator", None)
    operators = getattr(term, "operators", ()) if operator is None else (operator,)
    return all(map(is_understood, operators))


def exact_text(value: object) -> str:
    """A text that two nodes share only when they are equal: names in it are quoted.

    Raises TypeError for a node with a field that has no such text.
    """
    match value:
        case tuple():
            return f"[{' '.join(exact_text(part) for part in value)}]"
        case str():
            return repr(value)
        case bool() | int() | Fraction() | None:
            return str(value)
    if attrs.has(type(value)):
        parts = [
            exact_text(getattr(value, field.name))
            for field in attrs.fields(type(value))
            if field.eq is not False
        ]
        return f"({' '.join([_class_name(type(value)), *parts])})"
    raise TypeError(f"{value!r} has no text that tells it from all others")


def space_text(space: Space) -> str:
    """A text that two spaces share only when they are equal: the quoted name, if that is all."""
    if space.union or not is_as_listed(Space):
        return exact_text(space)
    return repr(space.name)


def _class_name(kind: type) -> str:
    return kind.__qualname__ if kind in _FIELDS else f"{kind.__module__}.{kind.__qualname__}"


__all__ = ["exact_text", "is_as_listed", "is_understood", "space_text"]
