"""Printed formulas are read back by an independent reader and must mean what was printed.

The reader knows the conventions of mathematicians and nothing of layouts: an operator takes the
next unit, juxtaposition binds tighter than a slash, bars alternate.  It rejects what has two
readings: an operator followed by a further factor, or an exponent after an operator's argument.
Meaning is evaluated in a model of two points: functions and fields are pairs, operators matrices.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    SortError,
    Space,
    VectorSymbol,
    center,
    dot,
    dual_norm,
    exp,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    maximum,
    minimum,
    norm,
    one,
    projector,
    sqrt,
    sup_norm,
    terms,
)
from mflverify.expr.printing import to_latex, to_mathml, to_unicode

DIGITS = 60
X = Space("X")
M = KernelSymbol("M", X, X)
PARAMETERS = {"tau": "τ", "alpha_x": "α_x", "K1": "K_1", "rate": "rate", "c": "c"}
FUNCTIONS = {"f": "f", "h_2": "h_2"}
FIELDS = {"Phi": "Φ"}


def numbers(*values: str) -> np.ndarray:
    return np.array([mpmath.mpf(value) for value in values], dtype=object)


def matrix(*rows: tuple[str, str]) -> np.ndarray:
    return np.array([numbers(*row) for row in rows], dtype=object)


VALUES: dict[str, object] = {
    "τ": mpmath.mpf("0.37"),
    "α_x": mpmath.mpf("1.83"),
    "K_1": mpmath.mpf("2.71"),
    "rate": mpmath.mpf("0.59"),
    "c": mpmath.mpf("3.19"),
    "f": numbers("0.7", "-1.3"),
    "h_2": numbers("-2.1", "0.45"),
    "Φ": numbers("1.4", "0.9"),
}
NABLA = matrix(("0.8", "-1.9"), ("0.3", "1.1"))
KERNEL = matrix(("0.6", "1.7"), ("-0.4", "0.9"))
INVERSE = matrix(("1.2", "0.5"), ("0.5", "2.3"))
OPERATORS: dict[str, np.ndarray] = {
    "∇": NABLA,
    "∇*": NABLA.T,
    "L": matrix(("2.2", "-0.6"), ("-0.6", "1.5")),
    "L^-1": INVERSE,
    "M": KERNEL,
    "M*": KERNEL.T,
    "Π": matrix(("0.5", "-0.5"), ("-0.5", "0.5")),
    "P": matrix(("0.2", "0.4"), ("0.4", "0.8")),
}


def pair(value) -> np.ndarray:
    """A constant is a constant function."""
    return value if isinstance(value, np.ndarray) else numbers("1", "1") * value


def product(left, right):
    return sum(pair(left) * pair(right)) / 2


def divided(value, by):
    if not isinstance(by, np.ndarray) and abs(by) < mpmath.mpf("1e-15"):
        raise ZeroDivisionError
    return value / by


# ------------------------------------------------------------------------ meaning of a term


def meaning(node: terms.Term):
    """The value of a term in the model, computed from the term."""
    match node:
        case terms.Rational(value):
            return mpmath.mpf(value.numerator) / value.denominator
        case terms.Parameter(name):
            return VALUES[PARAMETERS[name]]
        case terms.FunctionSymbol(name):
            return VALUES[FUNCTIONS[name]]
        case terms.VectorSymbol(name):
            return VALUES[FIELDS[name]]
        case terms.One():
            return numbers("1", "1")
        case terms.Sum(parts):
            return sum((meaning(part) for part in parts[1:]), meaning(parts[0]))
        case terms.Product(factors):
            value = mpmath.mpf(1)
            for factor in factors:
                value = value * meaning(factor)
            return value
        case terms.Power(base, exponent):
            return raised(meaning(base), mpmath.mpf(exponent.numerator) / exponent.denominator)
        case terms.Abs(argument):
            return abs(meaning(argument))
        case terms.Exp(argument):
            return mpmath.exp(meaning(argument))
        case terms.Extremum(which, arguments):
            return {"max": max, "min": min}[which](meaning(part) for part in arguments)
        case terms.Inner(left, right) | terms.Dot(left, right) as pairing:
            values = meaning(left), meaning(right)
            return product(*values) if isinstance(pairing, terms.Inner) else values[0] * values[1]
        case terms.Norm(argument):
            return mpmath.sqrt(product(meaning(argument), meaning(argument)))
        case terms.DualNorm(argument):
            value = pair(meaning(argument))
            return mpmath.sqrt(product(value, INVERSE @ value))
        case terms.SupNorm(argument):
            return max(abs(pair(meaning(argument))))
        case terms.Apply(terms.Transpose(), argument):
            return OPERATORS["M*"] @ pair(meaning(argument))
        case _:
            signs = {
                terms.Gradient: "∇",
                terms.GradientAdjoint: "∇*",
                terms.Generator: "L",
                terms.GeneratorInverse: "L^-1",
                terms.Center: "Π",
                terms.Projector: "P",
                terms.Apply: "M",
            }
            return OPERATORS[signs[type(node)]] @ pair(meaning(node.argument))


def raised(base, exponent):
    if exponent < 0:
        return divided(mpmath.mpf(1), raised(base, -exponent))
    if isinstance(base, np.ndarray):
        return base ** int(exponent)
    return base**exponent


# ------------------------------------------------------------------------- tokens of a page
# A token is a sign or a name, or ("value", v), ("sup", tokens), ("frac", above, below),
# ("root", tokens): what the eye sees as one box.


def unicode_tokens(text: str) -> list:
    for digits, marker in (("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "^"), ("₀₁₂₃₄₅₆₇₈₉₋", "_")):
        plain = str.maketrans(digits, "0123456789-")
        text = re.sub(f"[{digits}]+", lambda m, p=plain, k=marker: f"{k}{m[0].translate(p)} ", text)
    names = r"[^\W\d_](?:_(?:-?\d+|[^\W\d_]+))?"
    found = re.findall(rf"max|min|rate|{names}|_-1|_∞|\^-?\d+|\^\(|\d+|[^\s\w]", text)
    tokens: list = []
    for token in found:
        if re.fullmatch(r"\^-?\d+", token):
            tokens.append(("sup", re.findall(r"-|\d+", token)))
        else:
            tokens.append(token)
    return tokens


COMMANDS = {
    "tau": "τ", "alpha": "α", "Phi": "Φ", "Pi": "Π", "nabla": "∇", "cdot": "⋅", "infty": "∞",
    "langle": "⟨", "rangle": "⟩", "|": "‖", "max": "max", "min": "min",
}  # fmt: skip


def latex_tokens(text: str) -> list:
    text = re.sub(r"\\left|\\right|\\,|\{-\}(?=.)", lambda m: "-" * (m[0] == "{-}"), text)
    text = re.sub(r"\\mathrm\{(\w+)\}", r"\\\1 ", text)
    pieces = re.findall(r"\\[A-Za-z]+|\\\||\d+|\S", text)
    position = 0

    def group() -> list:
        nonlocal position
        if pieces[position] != "{":
            position += 1
            return [plain(pieces[position - 1])]
        position += 1
        tokens = until("}")
        position += 1
        return tokens

    def plain(piece: str) -> str:
        if piece[0] == "\\":
            return COMMANDS.get(piece[1:], piece[1:])
        return piece.replace("-", "−")

    def until(stop: str) -> list:
        nonlocal position
        tokens: list = []
        while position < len(pieces) and pieces[position] != stop:
            piece = pieces[position]
            if piece == r"\frac":
                position += 1
                tokens.append(("frac", group(), group()))
            elif piece == r"\sqrt":
                position += 1
                tokens.append(("root", group()))
            elif piece == "^":
                position += 1
                tokens.append(("sup", group()))
            elif piece == "_":
                position += 1
                tokens[-1:] = subscripted(tokens[-1], group())
            else:
                position += 1
                tokens.append(plain(piece))
        return tokens

    return until("")


def subscripted(base, sub: list) -> list:
    text = "".join(sub).replace("−", "-")
    return [base, f"_{text}"] if base == "‖" else [f"{base}_{text}"]


MATHML = "{http://www.w3.org/1998/Math/MathML}"


def mathml_tokens(text: str) -> list:
    def read(element: ET.Element) -> list:
        inner = [read(child) for child in element]
        match element.tag.removeprefix(MATHML):
            case "mi" | "mn" | "mo":
                return [element.text]
            case "mspace":
                return []
            case "mfrac":
                return [("frac", *inner)]
            case "msqrt":
                return [("root", inner[0])]
            case "msup":
                return [*inner[0], ("sup", inner[1])]
            case "msub" | "msubsup":
                base = [*inner[0][:-1], *subscripted(inner[0][-1], inner[1])]
                return base + [("sup", sup) for sup in inner[2:]]
            case _:
                return [token for part in inner for token in part]

    return read(ET.fromstring(text))


# ------------------------------------------------------------------------------- the reader


class Ambiguous(Exception):
    """A formula with two readings, or with none."""


class Reader:
    """Evaluates a list of tokens; every method leaves `self.position` after what it has read."""

    def __init__(self, tokens: list) -> None:
        self.tokens, self.position = tokens, 0

    def peek(self, ahead: int = 0):
        place = self.position + ahead
        return self.tokens[place] if place < len(self.tokens) else "end"

    def take(self, *expected: str):
        token = self.peek()
        if expected and token not in expected:
            raise Ambiguous(f"{token} instead of {expected} in {self.tokens}")
        self.position += 1
        return token

    def whole(self):
        value = self.sum("")
        self.take("end")
        return value

    def sum(self, bar: str):
        """A sum inside the bars `bar`, or inside none."""
        sign = -1 if self.peek() == "−" and self.take() else 1
        value = sign * self.term(bar)
        while self.peek() in ("+", "−"):
            sign = 1 if self.take() == "+" else -1
            value = value + sign * self.term(bar)
        return value

    def term(self, bar: str):
        value = self.juxtaposed(bar)
        while self.peek() in ("·", "⋅"):  # a dot between numbers binds as juxtaposition does
            self.take()
            value = value * self.juxtaposed(bar)
        if self.peek() == "/":
            self.take()
            value = divided(value, self.factor(bar)[0])
            if self.starts(bar) or self.peek() == "/":
                raise Ambiguous(f"what is below the slash? {self.tokens}")
        return value

    def juxtaposed(self, bar: str):
        value, open_ended = self.factor(bar)
        while self.starts(bar):
            if open_ended:
                raise Ambiguous(f"where does the operator end? {self.tokens}")
            factor, open_ended = self.factor(bar)
            value = value * factor
        if open_ended and self.peek() == "/":
            raise Ambiguous(f"is the operator divided? {self.tokens}")
        return value

    def starts(self, bar: str) -> bool:
        token = self.peek()
        if isinstance(token, tuple):
            return token[0] != "sup"
        if token in ("‖", "|"):
            return token != bar
        return (token[0].isalnum() and token != "end") or token in ("(", "⟨", "√", "∇")

    def factor(self, bar: str) -> tuple[object, bool]:
        """A value, and whether it is an operator at its argument."""
        operator = self.operator()
        if operator is None:
            return self.power(bar), False
        if self.peek() in ("∇", "L", "M", "Π", "P"):
            argument = self.factor(bar)[0]
        else:
            argument = self.atom(bar)
        if isinstance(self.peek(), tuple) and self.peek()[0] == "sup":
            raise Ambiguous(f"what is raised? {self.tokens}")
        return OPERATORS[operator] @ pair(argument), True

    def operator(self) -> str | None:
        token, after = self.peek(), self.peek(1)
        if token not in ("∇", "L", "M", "Π", "P"):
            return None
        self.take()
        if after in ("*", "∗") or after in (("sup", ["*"]), ("sup", ["∗"])):
            self.take()
            return f"{token}*"
        if isinstance(after, tuple) and after[0] == "sup" and "".join(after[1]) in ("-1", "−1"):
            self.take()
            return f"{token}^-1"
        return token

    def power(self, bar: str):
        if self.peek() == "e":
            self.take()
            return mpmath.exp(self.exponent())
        base = self.atom(bar)
        if (isinstance(self.peek(), tuple) and self.peek()[0] == "sup") or self.peek() == "^(":
            return raised(base, self.exponent())
        return base

    def exponent(self):
        if self.peek() == "^(":
            return self.enclosed("^(", ")")
        return Reader(self.take()[1]).whole()

    def enclosed(self, left: str, right: str):
        self.take(left)
        value = self.sum("")
        self.take(right)
        return value

    def atom(self, bar: str):
        token = self.peek()
        if isinstance(token, tuple):
            self.take()
            parts = [Reader(part).whole() for part in token[1:]]
            return mpmath.sqrt(parts[0]) if token[0] == "root" else divided(*parts)
        if token == "√":
            self.take()
            value = mpmath.sqrt(self.atom(bar))
            if self.peek() == "^(" or isinstance(self.peek(), tuple):
                raise Ambiguous(f"what is under the root? {self.tokens}")
            return value
        if token == "(":
            return self.enclosed("(", ")")
        if token in ("‖", "|"):
            return self.bars()
        if token in ("⟨", "max", "min"):
            self.take()
            if token != "⟨":
                self.take("(")
            values = [self.sum("")]
            while self.peek() == ",":
                self.take()
                values.append(self.sum(""))
            self.take("⟩" if token == "⟨" else ")")
            return {"⟨": lambda: product(*values), "max": lambda: max(values)}.get(
                token, lambda: min(values)
            )()
        self.take()
        if token.isdecimal():
            return mpmath.mpf(token)
        if re.fullmatch(r"\d+/\d+", token):
            return mpmath.mpf(token.split("/")[0]) / int(token.split("/")[1])
        if token in VALUES:
            return VALUES[token]
        raise Ambiguous(f"no meaning of {token} in {self.tokens}")

    def bars(self):
        bar = self.take("‖", "|")
        value = self.sum(bar)
        self.take(bar)
        if bar == "|":
            return abs(value)
        kind = self.take() if self.peek() in ("_-1", "_∞") else ""
        if kind == "_∞":
            return max(abs(pair(value)))
        other = INVERSE @ pair(value) if kind == "_-1" else value
        return mpmath.sqrt(product(value, other))


PAGES = {
    "unicode": lambda node: unicode_tokens(to_unicode(node)),
    "latex": lambda node: latex_tokens(to_latex(node)),
    "mathml": lambda node: mathml_tokens(to_mathml(node)),
}

# ----------------------------------------------------------------------------- random terms

numerals = st.sampled_from([Fraction(n) for n in ("1", "2", "-1", "-3", "1/2", "-2/3", "5/7")])
parameters = st.sampled_from([Parameter(name, "positive") for name in PARAMETERS])
perturbation, other = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("h_2", X)
exponents = [Fraction(n) for n in ("2", "3", "-1", "-2", "1/2", "-1/2", "3/2", "-1/3")]


@st.composite
def positive(draw, depth: int) -> terms.Term:
    """Scalars that may stand under a root."""
    if depth == 0:
        return draw(parameters)
    below = depth - 1
    match draw(st.integers(0, 6)):
        case 0:
            return abs(draw(scalars(below)))
        case 1:
            return norm(draw(functions(below) | fields(below)))
        case 2:
            return dual_norm(center(draw(functions(below))))
        case 3:
            return draw(positive(below)) * draw(positive(below))
        case 4:
            return draw(positive(below)) + draw(positive(below))
        case 5:
            return draw(positive(below)) / draw(positive(below))
        case _:
            return exp(draw(numerals) * draw(parameters) - draw(parameters))


@st.composite
def scalars(draw, depth: int) -> terms.Term:
    if depth == 0:
        return draw(parameters | st.builds(terms.Rational, numerals))
    below = depth - 1
    match draw(st.integers(0, 8)):
        case 0:
            return draw(scalars(below)) + draw(scalars(below))
        case 1:
            return draw(scalars(below)) - draw(scalars(below))
        case 2:
            return draw(scalars(below)) * draw(scalars(below))
        case 3:
            return draw(scalars(below)) / draw(scalars(below))
        case 4:
            return draw(positive(below)) ** draw(st.sampled_from(exponents))
        case 5:
            return draw(scalars(below)) ** draw(st.sampled_from([2, 3, -1, -2]))
        case 6:
            choose = draw(st.sampled_from([maximum, minimum]))
            return choose(draw(scalars(below)), draw(scalars(below)))
        case 7:
            kind = draw(st.sampled_from([functions, fields]))
            return inner(draw(kind(below)), draw(kind(below)))
        case _:
            return sup_norm(draw(functions(below))) * draw(positive(below))


@st.composite
def functions(draw, depth: int) -> terms.Term:
    if depth == 0:
        return draw(st.sampled_from([perturbation, other, one(X)]))
    below = depth - 1
    match draw(st.integers(0, 9)):
        case 0:
            return draw(functions(below)) + draw(functions(below))
        case 1:
            return draw(functions(below)) - draw(functions(below))
        case 2:
            return draw(functions(below)) * draw(functions(below))
        case 3:
            return draw(scalars(below)) * draw(functions(below))
        case 4:
            return draw(functions(below)) ** 2
        case 5:
            return generator(draw(functions(below)))
        case 6:
            return inverse_generator(center(draw(functions(below))))
        case 7:
            kernel = draw(st.sampled_from([M, M.T]))
            return terms.Apply(kernel, draw(functions(below)))
        case 8:
            return grad_adjoint(draw(fields(below)))
        case _:
            return dot(draw(fields(below)), draw(fields(below)))


@st.composite
def fields(draw, depth: int) -> terms.Term:
    if depth == 0:
        return VectorSymbol("Phi", X)
    below = depth - 1
    match draw(st.integers(0, 3)):
        case 0:
            return draw(fields(below)) - draw(fields(below))
        case 1:
            return grad(draw(functions(below)))
        case 2:
            return projector(draw(fields(below)))
        case _:
            return draw(functions(below)) * draw(fields(below))


@st.composite
def any_term(draw) -> terms.Term:
    """A term of depth at most four; powers that the language refuses are discarded."""
    kind = draw(st.sampled_from([scalars, scalars, functions, fields]))
    try:
        return draw(kind(draw(st.integers(2, 4))))
    except (SortError, ZeroDivisionError):
        assume(False)
        raise


# ------------------------------------------------------------------------------------ tests


def assert_means_what_it_says(page: str, node: terms.Term) -> None:
    """Raises ZeroDivisionError when the term has no value."""
    with mpmath.workdps(DIGITS):
        expected = pair(meaning(node))
        found = pair(Reader(PAGES[page](node)).whole())
        for left, right in zip(expected, found, strict=True):
            assert abs(left - right) <= mpmath.mpf("1e-25") * (1 + abs(left)), to_unicode(node)


@pytest.mark.parametrize("page", PAGES)
@settings(max_examples=300, deadline=None, derandomize=True)
@given(node=any_term())
def test_random_terms_are_read_as_meant(page: str, node: terms.Term) -> None:
    try:
        assert_means_what_it_says(page, node)
    except ZeroDivisionError:
        assume(False)


def shapes() -> tuple[list[terms.Term], list[terms.Term], list[terms.Term]]:
    """Scalars (the positive ones first), functions and fields: one of each shape on the page."""
    a, b, r, c = (Parameter(name, "positive") for name in ("alpha_x", "c", "rate", "K1"))
    f, h, phi = perturbation, other, VectorSymbol("Phi", X)
    number = terms.Rational
    scalars = [
        a, r, number(Fraction(2)), number(Fraction(2, 3)), a + b, 2 * a * c, a * r, a / b,
        c / (2 * a), 1 / a, a**2, a ** Fraction(3, 2), sqrt(a), sqrt(a + b), exp(-a), norm(f),
        norm(h) ** 2 / a, dual_norm(f), maximum(a, b), abs(a - b),
        number(Fraction(-2)), -a, a - b, -(a + b), -b / 2, inner(f, h), sup_norm(h) * a - 1,
    ]  # fmt: skip
    functions = [
        f, one(X), 2 * one(X), f + h, 1 - f, -f, f / 2, a * h, h / a, f * h, f**2,
        generator(f), M.T(h), generator(M(f)), 2 * generator(f), f * generator(h),
        inverse_generator(f), center(h**2), grad_adjoint(h * phi), dot(phi, grad(f)), norm(f) * h,
    ]  # fmt: skip
    fields = [
        phi, 2 * phi, -phi, phi / 2, phi + grad(f), f * grad(h), grad(M(f)), projector(h * phi),
        f * projector(phi),
    ]  # fmt: skip
    return scalars, functions, fields


def combinations() -> list[terms.Term]:
    """Every way to put one shape inside another."""
    scalars, functions, fields = shapes()
    positive = scalars[:20]
    found = [u**p for u in positive for p in exponents]
    found += [u ** Fraction(2) for u in scalars] + [abs(u) for u in scalars]
    found += [abs(abs(u) - v) for u in scalars for v in scalars[:4]]
    for u in scalars:
        found += [part for v in scalars for part in (u + v, u - v, u * v, u / v)]
        found += [u * v for v in (*functions, *fields)]
        found += [v / u for v in (*functions[:12], *fields[:4])]
    for u in functions:
        found += [generator(u), inverse_generator(center(u)), center(u), M.T(u), grad(u), u**2]
        found += [norm(u), sup_norm(u), inner(u, functions[3])]
        found += [part for v in functions for part in (u + v, u - v, u * v)]
        found += [u * v for v in fields] + [norm(u) * norm(v) for v in functions[:6]]
        found += [norm(norm(u) * v) for v in functions[:6]]
    for u in fields:
        found += [grad_adjoint(u), projector(u), norm(u)]
        found += [part for v in fields for part in (dot(u, v), inner(u, v), u - v)]
        found += [v * dot(u, fields[4]) for v in functions]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_shape_inside_every_other_is_read_as_meant(page: str) -> None:
    terms_read = combinations()
    assert len(terms_read) > 5000
    for node in terms_read:
        assert_means_what_it_says(page, node)


@pytest.mark.parametrize(
    "text",
    ["∇f h₂", "Lf²", "τ/cf", "√τ²", "‖h₂‖f‖‖", "Lf/c", "τα", "α_xτ"],
)
def test_the_reader_rejects_what_has_two_readings(text: str) -> None:
    with pytest.raises(Ambiguous):
        Reader(unicode_tokens(text)).whole()


def letters(tokens: list) -> Counter[str]:
    """Names, operators and numbers other than 1 (which a fraction bar may show or not)."""
    found: Counter[str] = Counter()
    for token in tokens:
        if isinstance(token, tuple):
            for part in token[1:]:
                found += letters(part)
        else:
            found.update(name for name in re.findall(r"\w+|∇|∞", token) if name != "1")
    return found


@settings(max_examples=200, deadline=None, derandomize=True)
@given(node=any_term())
def test_the_same_symbols_occur_on_every_page(node: terms.Term) -> None:
    counts = {page: letters(draw(node)) for page, draw in PAGES.items()}
    assert counts["unicode"] == counts["latex"] == counts["mathml"]
