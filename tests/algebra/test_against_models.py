"""The normal form, read back, has the exact value of the term on the models of the package."""

from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import A, L, S, f, h, inverse, u

from mflverify.algebra import normalize
from mflverify.algebra.reading import read_polynomial
from mflverify.expr import center, dot, grad, inner
from mflverify.models import Request, Unavailable, interpret
from mflverify.strategies import instances

FUNCTIONS = st.recursive(
    st.sampled_from([f, h, u]),
    lambda part: st.one_of(
        part.map(L),
        part.map(S),
        part.map(A),
        part.map(A.T),
        st.tuples(part, part).map(lambda p: p[0] + p[1]),
        st.tuples(part, part).map(lambda p: p[0] * p[1]),
        st.tuples(part, part).map(lambda p: dot(grad(p[0]), grad(p[1]))),
        part.map(lambda w: inverse(center(w))),
    ),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(FUNCTIONS, FUNCTIONS, st.data())
def test_normal_forms_keep_values(left, right, data):
    term = inner(left, right)
    back = read_polynomial(normalize(term))
    request = Request.of(term, f, h, u, S, A)
    instance = interpret(data.draw(instances(request, uniform=True)), request, "exact")
    try:
        expected, found = instance.evaluate(term), instance.evaluate(back)
    except Unavailable:
        return
    assert expected == found
