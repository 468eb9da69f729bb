"""How forces change along the segment between two measures.

mu_s = (1 + g + s h) mu_bar with h = f - g leads from (1 + g) mu_bar to (1 + f) mu_bar.  For forces
V = V[mu_bar] + M f + R(f) the function phi(s) = sum_i int V_i[mu_s] h_i d mu_bar_i has the slope

    phi'(s) = <h, M h> + d/ds <h, R(g + s h)>,

the form of the first variations of V at mu_s for the functions h_i d mu_bar_i / d mu_s_i.
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, FunctionSort, Sort, SortError
from mflverify.expr.terms import FunctionSymbol, RemainderSymbol, Term


@frozen(repr=False, cache_hash=True)
class SegmentSlope(Term):
    """The least of sum_i d/ds <h_i, R_i(g + s h)>, 0 <= s <= 1, with h = f - g.

    functionals: one R_i for each state, of all of them.  ends, starts: f and g, perturbations, so
    that all mu_s are probabilities.
    """

    functionals: tuple[RemainderSymbol, ...]
    ends: tuple[Term, ...]
    starts: tuple[Term, ...] = field()

    @starts.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        for state in (*self.ends, *value):
            if not (isinstance(state, FunctionSymbol) and state.kind == "perturbation"):
                raise SortError(f"a segment joins two densities, and 1 + {state!r} may be none")
        sorts = tuple(state.sort for state in self.ends)
        spaces = tuple(sort.space for sort in sorts if isinstance(sort, FunctionSort))
        if not spaces or tuple(state.sort for state in value) != sorts:
            raise SortError(f"{self.ends!r} and {value!r} are not two states on the same spaces")
        if tuple(r.target for r in self.functionals) != spaces or any(
            r.sources != spaces for r in self.functionals
        ):
            raise SortError(f"{self.functionals!r} are not one force on each of {spaces!r}")

    @property
    def sort(self) -> Sort:
        return SCALAR


def segment_slope(functional: RemainderSymbol, f: Term, g: Term) -> Term:
    """The least of d/ds <f - g, R(g + s (f - g))> for 0 <= s <= 1, on one space or a union.

    Raises SortError unless f and g are perturbations there.
    """
    return SegmentSlope((functional,), (f,), (g,))


__all__ = ["SegmentSlope", "segment_slope"]
