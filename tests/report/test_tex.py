"""Escaping prose for LaTeX, refusing dangerous formulas, breaking long ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mflverify.report.tex import breakable, checked_tex, escape_tex, unaligned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50% & #1 _x_ {y} $", r"50\% \& \#1 \_x\_ \{y\} \$"),
        ("a\\b^c~d", r"a\textbackslash{}b\textasciicircum{}c\textasciitilde{}d"),
        ("a<b>c|d", r"a\textless{}b\textgreater{}c\textbar{}d"),
        ("--seed ''", "-{}-seed '{}'"),
        ("Grönwall, Hölder, Poincaré", r"Gr\"{o}nwall, H\"{o}lder, Poincar\'{e}"),
        ("ï", r"\"{\i}"),
        ("‖f‖₋₁² ≤ χ²", r"\ensuremath{\|}f\ensuremath{\|}\ensuremath{{}_{-1}}\ensuremath{{}^{2}} "
         r"\ensuremath{\le} \ensuremath{\chi}\ensuremath{{}^{2}}"),
        ("日", r"\texttt{U+65E5}"),
        ("a\nb\tc", "a b c"),
        (3, "3"),
    ],
)  # fmt: skip
def test_prose_prints_as_it_reads(text: object, expected: str) -> None:
    assert escape_tex(text) == expected


@given(st.text())
def test_escaped_text_is_harmless(text: str) -> None:
    escaped = escape_tex(text)
    assert escaped.isascii()
    assert escaped.isprintable()
    bare = escaped.replace("\\\\", "")
    for sign in "$&%#_{}":
        bare = bare.replace(f"\\{sign}", "")
    assert not set("$&%#") & set(bare)
    assert bare.replace(r"\~{", "").count("~") == text.count("\u00a0")
    depth = 0
    for sign in bare:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0


@given(st.text())
def test_breaks_change_nothing_else(text: str) -> None:
    joined = breakable(text).replace(r"\allowbreak{}", "")
    assert joined.replace("{}", "") == escape_tex(text).replace("{}", "")


@pytest.mark.parametrize(
    "latex",
    [
        r"\input{secret}",
        r"\immediate\write18{ls}",
        r"\csname input\endcsname",
        r"\catcode`\%=12",
        r"\def\a{b}",
        r"\let\a\b",
        r"^^5cinput{x}",
        r"a $ \input{x} $ b",
        "a % b",
        "a # b",
        "a & b",
        r"\frac{a}{b",
        "a } { b",
        r"\begin{verbatim} a \end{verbatim}",
        r"\begin{aligned} a \end{document} \end{aligned}",
        r"\href{file}{a}",
        "a ≤ b",
    ],
)
def test_formulas_that_reach_outside_are_refused(latex: str) -> None:
    with pytest.raises(ValueError, match="latex must"):
        checked_tex(latex)


@pytest.mark.parametrize(
    "latex",
    [
        r"\left(1 + \frac{a}{b}\right) \le \varepsilon \| f \|_{-1}^2 \{ x \}",
        "\\begin{aligned}\na & \\le b \\\\\n&\\quad {} + c\n\\end{aligned}",
        r"\begin{cases} a & b \\ c & d \end{cases}",
        r"\mathrm{a\_b\%\#\&\$}",
    ],
)
def test_formulas_pass_unchanged(latex: str) -> None:
    assert checked_tex(latex) == latex


def test_aligned_lines_are_joined() -> None:
    latex = "\\begin{aligned}\na & = b + c \\\\\n&\\quad {} - d\n\\end{aligned}"
    assert unaligned(latex) == "a  = b + c - d"


def test_matrices_keep_their_rows_when_lines_are_joined() -> None:
    matrix = r"\left\|\begin{pmatrix} K & 1 \\ 0 & \tau \end{pmatrix}\right\|"
    latex = f"\\begin{{aligned}}\na & = {matrix} \\\\\n&\\quad {{}} - {matrix}\n\\end{{aligned}}"
    shown = rf"\mflfit{{{matrix}}}"
    assert unaligned(checked_tex(latex)) == rf"a  = \allowbreak {shown} - \allowbreak {shown}"


def test_what_holds_a_matrix_is_shrunk_as_a_whole() -> None:
    matrix = r"\left\|\begin{pmatrix} K & 1 \end{pmatrix}\right\|_{\mathrm{op}}^2"
    inner = matrix.removesuffix(r"_{\mathrm{op}}^2")
    assert unaligned(matrix) == rf"\mflfit{{{inner}}}_{{\mathrm{{op}}}}^2"
    assert (
        unaligned(rf"\frac{{\sqrt{{{matrix}}}}}{{2}}a")
        == rf"\mflfit{{\frac{{\sqrt{{{matrix}}}}}{{2}}}}a"
    )
    assert unaligned(r"\frac{a}{b}\sqrt{c}") == r"\frac{a}{b}\allowbreak \sqrt{c}"


def test_long_roots_are_powers_that_may_break() -> None:
    inside = " + ".join(f"a_{n}" for n in range(40))
    assert unaligned(rf"b\sqrt{{{inside}}}c") == rf"b\allowbreak \Bigl({inside}\Bigr)^{{1/2}}c"
    matrix = r"\left\|\begin{pmatrix} K & 1 \end{pmatrix}\right\|"
    assert unaligned(rf"\sqrt{{{matrix}^2 + {inside}}}") == (
        rf"\Bigl(\mflfit{{{matrix}}}^2 + {inside}\Bigr)^{{1/2}}"
    )


def test_products_may_break_outside_groups_only() -> None:
    assert unaligned(r"K\sqrt{a\sqrt{b}}\sqrt{c}") == (
        r"K\allowbreak \sqrt{a\sqrt{b}}\allowbreak \sqrt{c}"
    )
    assert unaligned(r"\left(a\sqrt{b}\right)") == r"\left(a\sqrt{b}\right)"
    assert unaligned("x^(a)") == "x^(a)"
    assert unaligned(r"K\|f\|\|\nabla g\|_{-1}^2(\sup\|k\|)^2a") == (
        r"K\allowbreak \|f\|\allowbreak \|\nabla g\|_{-1}^2\allowbreak (\sup\|k\|)^2a"
    )
    assert unaligned(r"|\langle f, g\rangle|") == r"|\langle f, g\rangle|"


def test_long_brackets_may_break_inside() -> None:
    inside = " + ".join(f"a_{n}" for n in range(20))
    assert unaligned(rf"\left({inside}\right)") == rf"\Bigl({inside}\Bigr)"
    assert unaligned(rf"e^{{\left({inside}\right)}}") == rf"e^{{\left({inside}\right)}}"
