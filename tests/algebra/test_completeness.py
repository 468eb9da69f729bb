"""Completeness: as many normal forms are linearly independent as there are independent values.

A pool of expressions spans a space of functionals.  Its dimension is the rank of the matrix of exact
values on enough random instances; if some identity between members of the pool were missed, the
rank of the matrix of normal forms would be larger.  (Smaller would be unsound.)
"""

from fractions import Fraction
from itertools import permutations, product

import pytest
from exact_model import Instance
from flint import fmpq, fmpq_mat
from vocabulary import A, L, M, S, X, f, g, h, inverse, phi, psi, q, u, w

from mflverify.algebra import Normalizer
from mflverify.algebra.reading import read_polynomial
from mflverify.expr import center, dot, grad, grad_adjoint, inner, one

Gf, Gh, Gw = inverse(f), inverse(h), inverse(center(w))


F, H, W, U = (Gf, f), (Gh, h), (Gw, center(w)), (inverse(center(u)), center(u))


def rank(rows):
    flat = [fmpq(int(entry.numerator), int(entry.denominator)) for row in rows for entry in row]
    return fmpq_mat(len(rows), len(rows[0]), flat).rank()


def ranks(pool, count):
    """Ranks of the normal forms and of the values on `count` instances."""
    normalizer = Normalizer()
    forms = [normalizer(term) for term in pool]
    monomials = sorted(set().union(*(form.terms for form in forms)), key=str)
    models = [Instance("gaussian", 2, seed) for seed in range(count)]
    return (
        rank([[form.terms.get(m, Fraction(0)) for m in monomials] for form in forms]),
        rank([[model(term) for model in models] for term in pool]),
    )


def powers(term, n):
    for _ in range(n):
        term = L(term)
    return term


def bilinear(order):
    """<L^i a, L^j b> and <grad L^i a, grad L^j b> in all ways, also through kernels."""
    for a, b in product((f, u), (h, S(h), A(w), A.T(w), S(A(w)), Gh, S(Gh), M(g), Gw)):
        for i in range(order + 1):
            yield inner(powers(a, i), powers(b, order - i))
            yield inner(powers(b, i), powers(a, order - i))
        for i in range(order):
            yield inner(grad(powers(a, i)), grad(powers(b, order - 1 - i)))
            yield inner(powers(grad_adjoint(grad(a)), i), powers(b, order - 1 - i))


def words(a, b, order):
    """Functions made of a and b with `order` operators L in all places."""
    if order == 0:
        return [a * b]
    found = [L(word) for word in words(a, b, order - 1)]
    found += words(L(a), b, order - 1) + words(a, L(b), order - 1)
    for i in range(order):
        first, second = powers(a, i), powers(b, order - 1 - i)
        found += [
            dot(grad(first), grad(second)),
            grad_adjoint(first * grad(second)),
            grad_adjoint(second * grad(first)),
        ]
    return list(dict.fromkeys(found))


def trilinear(legs, order):
    for a, b, c in dict.fromkeys(permutations(legs)):
        for n in range(order + 1):
            for word in words(a, b, n):
                yield inner(word, powers(c, order - n))
                if n < order:
                    yield inner(grad(word), grad(powers(c, order - n - 1)))


def quadrilinear(legs):
    for a, b, c, d in dict.fromkeys(permutations(legs)):
        yield inner(a * b, c * L(d))
        yield inner(a * b, dot(grad(c), grad(d)))
        yield inner(L(a * b), c * d)
        yield inner(L(a * b * c), d)
        yield inner(grad(a * b), c * grad(d))
        yield inner(a, grad_adjoint(b * c * grad(d)))
        yield inner(a * grad(b), grad(c * d))


def among_greens(legs):
    """Every one of the legs is L^-1 of what is given with it."""
    for chosen in dict.fromkeys(permutations(legs)):
        (a, source), *others = chosen
        rest = [leg for leg, _ in others]
        product_of_rest = rest[0]
        for leg in rest[1:]:
            product_of_rest = product_of_rest * leg
        yield inner(source, product_of_rest)
        yield inner(grad(a), grad(product_of_rest))
        product_of_last = product_of_rest if len(rest) == 1 else rest[1]
        for leg in rest[2:]:
            product_of_last = product_of_last * leg
        yield inner(dot(grad(a), grad(rest[0])), product_of_last)


def one_field(a, b, order):
    """A vector field, two functions, and `order` operators L."""
    for i, j in product(range(order + 1), repeat=2):
        if i + j > order:
            continue
        k, first, second = order - i - j, powers(a, i), powers(b, j)
        divergence = grad_adjoint(phi)
        yield inner(powers(first * second, k), divergence)
        yield inner(grad(powers(first * second, k)), phi)
        yield inner(powers(dot(phi, grad(first)), k), second)
        yield inner(powers(dot(phi, grad(second)), k), first)
        yield inner(powers(divergence, k), first * second)
        yield inner(powers(divergence * first, k), second)
        yield inner(powers(grad_adjoint(first * phi), k), second)
        yield inner(powers(grad_adjoint(second * phi), k), first)
        if k:
            yield inner(powers(divergence, k - 1), dot(grad(first), grad(second)))
            yield inner(grad(powers(dot(phi, grad(first)), k - 1)), grad(second))


def two_fields(a):
    p, r = grad_adjoint(phi), grad_adjoint(psi)
    yield inner(a * p, r)
    yield inner(dot(phi, grad(r)), a)
    yield inner(dot(psi, grad(p)), a)
    yield inner(p, dot(psi, grad(a)))
    yield inner(r, dot(phi, grad(a)))
    yield inner(grad_adjoint(a * phi), r)
    yield inner(grad_adjoint(a * psi), p)
    yield inner(phi, a * psi)
    yield inner(phi, grad(dot(psi, grad(a))))
    yield inner(grad(a * p), psi)


def linked(a, b, c, d, link):
    """Two vertices with two functions each, joined by a kernel, one L at each."""
    inside = [c * L(d), d * L(c), dot(grad(c), grad(d)), L(c * d)]
    inside += [grad_adjoint(c * grad(d)), grad_adjoint(d * grad(c))]
    for part in map(link, inside):
        yield inner(part, a * L(b))
        yield inner(part, b * L(a))
        yield inner(part, dot(grad(a), grad(b)))
        yield inner(grad(part), a * grad(b))
        yield inner(grad(part), b * grad(a))
        yield inner(part, L(a * b))


def green(term):
    return inverse(center(term))


POOLS = {
    **{f"bilinear, order {n}": (list(bilinear(n)), 60) for n in (0, 1, 2)},
    **{
        f"trilinear {index}, order {n}": (list(trilinear(legs, n)), 14)
        for index, legs in enumerate(
            [(f, h, u), (f, h, Gf), (Gf, Gh, u), (Gf, Gh, Gw), (f, S(h), Gf), (f, f, f), (f, u, u)]
        )
        for n in (1, 2)
    },
    "trilinear, order 3": (list(trilinear((f, h, u), 3)), 14),
    "trilinear with a Green kernel, order 3": (list(trilinear((Gf, u, u), 3)), 14),
    **{
        f"quadrilinear {index}": (list(quadrilinear(legs)), 9)
        for index, legs in enumerate(
            [(f, h, u, w), (f, h, u, Gf), (f, S(h), Gh, Gf), (f, f, u, Gh), (u, u, Gh, Gh)]
        )
    },
    **{
        f"one field {index}, order {n}": (list(one_field(a, b, n)), 18)
        for index, (a, b) in enumerate([(f, u), (f, f), (f, Gh), (Gf, Gh), (S(f), u)])
        for n in (0, 1, 2)
    },
    **{
        f"among Green kernels {index}": (list(among_greens(legs)), 14)
        for index, legs in enumerate(
            [
                (F, H, W, U),
                (F, F, H, W),
                (F, F, H, H),
                (F, F, F, H),
                (F, F, F, F),
                (F, F, F, H, H),
                (F, F, H, H, W),
            ]
        )
    },
    "two fields": (list(two_fields(u)), 9),
    "linked by a symmetric kernel": (list(linked(f, h, u, w, S)), 14),
    "linked by a kernel to itself": (list(linked(f, u, f, u, A)), 14),
    "linked by a Green kernel": (list(linked(f, u, h, w, green)), 14),
    "linked by a Green kernel, with others": (list(linked(f, Gh, u, Gw, green)), 14),
    "linked by a Green kernel to itself": (list(linked(f, u, f, u, green)), 14),
    "two spaces": ([*linked(f, u, g, q, M), *linked(g, q, f, u, M.T)], 14),
    "constants": ([inner(L(a * b), one(X)) for a in (f, u) for b in (f, u)] + [inner(f, u)], 5),
}


@pytest.mark.parametrize("name", POOLS)
def test_normal_forms_have_the_values_of_the_terms(name):
    """A wrong coefficient need not change a rank."""
    pool, _ = POOLS[name]
    normalizer, model = Normalizer(), Instance("gaussian", 2, 0)
    for term in dict.fromkeys(pool):
        assert model(read_polynomial(normalizer(term))) == model(term)


@pytest.mark.parametrize("name", POOLS)
def test_normal_forms_are_as_independent_as_values(name):
    pool, count = POOLS[name]
    forms, values = ranks(list(dict.fromkeys(pool)), count)
    assert values < count, "too few instances to tell"
    assert forms == values
