"""Text and formulas for LaTeX: escaping of prose, checking and line breaking of mathematics."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_ASCII: Mapping[str, str] = MappingProxyType(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "`": r"\textasciigrave{}",
    }
)

_LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "–": r"\textendash{}", "—": r"\textemdash{}", "‘": r"\textquoteleft{}", "’": "'",
        "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}", "…": r"\dots{}",
        "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}",
        "Œ": r"\OE{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "§": r"\S{}",
        "✓": r"\ensuremath{\checkmark}", "✗": r"\ensuremath{\times}",
    }
)  # fmt: skip

_ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=",
        "\u0306": r"\u", "\u0307": r"\.", "\u0308": r'\"', "\u030a": r"\r", "\u030b": r"\H",
        "\u030c": r"\v", "\u0327": r"\c", "\u0328": r"\k",
    }
)  # fmt: skip

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        **{sign: f"\\{name}" for sign, name in zip(_GREEK, _GREEK_NAMES.split(" "), strict=True)},
        "ε": r"\varepsilon", "φ": r"\varphi", "ς": r"\varsigma", "ℓ": r"\ell", "∂": r"\partial",
        "∇": r"\nabla", "∫": r"\int", "∑": r"\sum", "∏": r"\prod", "√": r"\surd", "∞": r"\infty",
        "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "≡": r"\equiv", "∼": r"\sim",
        "≪": r"\ll", "≫": r"\gg", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "∀": r"\forall",
        "∃": r"\exists", "→": r"\to", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "↦": r"\mapsto",
        "±": r"\pm", "∓": r"\mp", "×": r"\times", "·": r"\cdot", "⋅": r"\cdot", "÷": r"\div",
        "−": "-", "∗": "*", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "∥": r"\|",
        "⊗": r"\otimes", "⊥": r"\perp", "∅": r"\emptyset", "∧": r"\wedge",
        "∨": r"\vee", "∪": r"\cup", "∩": r"\cap",
        "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}",
        "ℂ": r"\mathbb{C}", "𝕋": r"\mathbb{T}", "′": "'", "″": "''", "°": r"^\circ",
        "½": r"\tfrac12", "¼": r"\tfrac14",
        "⪰": r"\succeq", "⪯": r"\preceq", "⌊": r"\lfloor", "⌋": r"\rfloor",
    }
)  # fmt: skip

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿᵗᵀ", "0123456789+-=()ntT", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₓₜᵢⱼₖₙₘ", "0123456789+-=()xtijknm", strict=True))
_SCRIPTS = re.compile(f"([{''.join(_RAISED)}]+)|([{''.join(_LOWERED)}]+)")

# Commands that reach outside a formula: files, definitions, category codes, other engines.
_FORBIDDEN = re.compile(
    r"\\(input|include\w*|openin|openout|read|write\w*|immediate|special|csname|catcode|let|[egx]?def"
    r"|newcommand|renewcommand|providecommand|loop|usepackage|documentclass|end|begin|expandafter"
    r"|directlua|message|output|vbox|jobname|aftergroup|endcsname|uppercase|lowercase|scantokens"
    r"|futurelet|href|url|everyeof|everymath|everypar|bye|stop|batchmode|shipout)(?![A-Za-z])"
)
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(aligned|cases|[pbv]?matrix)\}")
_DEPTH = {"{": 1, "}": -1}
_PAIRS = {r"\left": 1, r"\right": -1}
_LONG_ROOT = 110  # tokens; about a line
_LONG = 40  # tokens; about a third of a line
_BAR = r"\|"  # of a norm, whose left and right are told apart by counting
_OPENING = (r"\sqrt", r"\left", r"\Bigl", r"\frac", r"\langle", r"\mflfit", "(", _BAR)
# what stays with the bracket or root that follows it
_SIZES = (r"\left", r"\right", r"\Bigl", r"\Bigr")
_TIED = ("^", "_", "(", "|", *_SIZES, r"\sup", r"\max", r"\min", r"\nabla")
_MATRIX = re.compile(r"(\\begin\{pmatrix\}.*?\\end\{pmatrix\})", re.DOTALL)
_ALIGNED = re.compile(r"\s*\\begin\{aligned\}(.*)\\end\{aligned\}\s*", re.DOTALL)


def escape_tex(text: object) -> str:
    """Prose for LaTeX: prints as it reads, whatever characters it holds; compiles with pdflatex.

    Mathematical signs become mathematics.  A character with no LaTeX form is written U+.... .
    """
    prose = str(text)
    pieces: list[str] = []
    end = 0
    for match in _SCRIPTS.finditer(prose):
        pieces += [_character(c) for c in unicodedata.normalize("NFC", prose[end : match.start()])]
        table, mark = (_RAISED, "^") if match[1] else (_LOWERED, "_")
        body = "".join(table[c] for c in match[0])
        pieces.append(rf"\ensuremath{{{{}}{mark}{{{body}}}}}")
        end = match.end()
    pieces += [_character(c) for c in unicodedata.normalize("NFC", prose[end:])]
    # keeps TeX from joining --, '' and ,, into other signs
    return re.sub(r"([-',])(?=\1)", r"\1{}", "".join(pieces))


def _character(sign: str) -> str:
    if sign in _ASCII:
        return _ASCII[sign]
    if " " <= sign <= "~":
        return sign
    if sign.isspace():
        return "~" if sign == "\u00a0" else " "
    if sign in _LETTERS:
        return _LETTERS[sign]
    if sign in _SIGNS:
        return rf"\ensuremath{{{_SIGNS[sign]}}}"
    base, *marks = unicodedata.normalize("NFD", sign)
    if base.isascii() and base.isalpha() and all(mark in _ACCENTS for mark in marks) and marks:
        dotless = {"i": r"\i", "j": r"\j"} if marks[0] not in "\u0327\u0328" else {}
        text = dotless.get(base, base)
        for mark in marks:
            text = f"{_ACCENTS[mark]}{{{text}}}"
        return text
    return rf"\texttt{{U+{ord(sign):04X}}}"


def breakable(text: str) -> str:
    """Prose without spaces (labels, paths, numbers) that may break after punctuation and digits."""
    parts = re.split(r"(?<=[/._:,;=)\]-])|(?<=\d{10})(?=\d)", text)
    return r"\allowbreak{}".join(escape_tex(part) for part in parts if part)


def checked_tex(latex: str) -> str:
    """A formula that is safe to compile.

    Raises ValueError for commands that reach outside a formula, unbalanced braces, the end of
    mathematics, comments, or characters that are not ASCII.
    """
    inner = _ENVIRONMENT.sub(" ", latex)
    columns = "" if inner != latex else "&"
    bare = re.sub(r"\\[\\{}$%&#_]", "  ", inner)
    found = _FORBIDDEN.search(re.sub(r"\\\\", "  ", inner))
    if found:
        raise ValueError(f"latex must not contain {found[0]!r}: {latex[:200]!r}")
    strange = re.search(rf"[^\x20-\x7e\n]|\^\^|[$%#{columns}]", bare)
    if strange:
        raise ValueError(f"latex must not contain {strange[0]!r}: {latex[:200]!r}")
    depth = 0
    for sign in bare:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            break
    if depth:
        raise ValueError(f"latex must have balanced braces: {latex[:200]!r}")
    return re.sub(r"\n\s*\n", "\n", latex)


def unaligned(latex: str) -> str:
    """The formula on one line, with the places marked where a paragraph may break it.

    TeX breaks after relations and signs by itself; products may break before roots, fractions,
    norms and brackets of the outermost level.  A long root becomes a power 1/2 in brackets, which
    may be broken; what holds a matrix is `\\mflfit`, which the document shrinks to a line.
    """
    body = _ALIGNED.fullmatch(latex)
    text = latex
    if body:
        parts = _MATRIX.split(body[1])  # matrices, at odd places, keep their rows and columns
        parts[::2] = [_joined(part) for part in parts[::2]]
        text = "".join(parts)
    tokens = _fitted(re.findall(r"\\[A-Za-z]+\s*|\\.|[^\\]", text, re.DOTALL))
    pieces: list[str] = []
    depth = left = bars = 0
    loosened = _loosened(tokens)
    for position, token in enumerate(loosened):
        outermost = not depth and not left
        after = loosened[position - 1].strip() if position else "^"
        if token.strip() in _OPENING and outermost and not bars % 2 and after not in _TIED:
            pieces.append(r"\allowbreak ")
        bars += token == _BAR and outermost and after not in _SIZES
        left += _PAIRS.get(token.strip(), 0)
        depth += _DEPTH.get(token, 0)
        pieces.append(token)
    return "".join(pieces).strip()


def _fitted(tokens: list[str]) -> list[str]:
    """Long roots and what holds a matrix, on the outermost level, in a form that fits a line."""
    found: list[str] = []
    place = depth = 0
    while place < len(tokens):
        end = place + 1 if depth else _end(tokens, place)
        inside = tokens[place:end]
        if len(inside) > _LONG_ROOT and inside[0].strip() == r"\sqrt":
            body = _fitted(inside[2:-1])
            found += [r"\Bigl", "(", *body, r"\Bigr", ")", "^", "{", *"1/2", "}"]
        elif any(part.strip() == r"\begin" for part in inside[1:]):
            found += [r"\mflfit", "{", *inside, "}"]
        else:
            end = place + 1
            depth += _DEPTH.get(tokens[place], 0)
            found.append(tokens[place])
        place = end
    return found


def _end(tokens: list[str], place: int) -> int:
    """Where the root, fraction or pair of growing delimiters that starts at a place is over."""
    groups = {r"\sqrt": 1, r"\frac": 2, r"\left": 0}.get(tokens[place].strip())
    if groups is None:
        return place + 1
    depth = pairs = closed = 0
    for position in range(place, len(tokens)):
        step, pair = _DEPTH.get(tokens[position], 0), _PAIRS.get(tokens[position].strip(), 0)
        depth, pairs = depth + step, pairs + pair
        closed += step < 0 and depth == 0
        if not depth and not pairs and closed >= groups and (groups or pair):
            return position + 1 + (pair < 0)  # with the delimiter after \right
    return len(tokens)


def _joined(lines: str) -> str:
    return re.sub(r"\s*\\\\\s*(&\\quad\s*)?(\{\}\s*)?", " ", lines).replace("&", "")


def _loosened(tokens: list[str]) -> list[str]:
    """TeX never breaks between \\left and \\right: long outermost pairs get a fixed size instead."""
    result = list(tokens)
    opened: list[tuple[int, int]] = []
    depth = 0
    for position, token in enumerate(tokens):
        depth += _DEPTH.get(token, 0)
        if token.strip() == r"\left":
            opened.append((position, depth))
        elif token.strip() == r"\right" and opened:
            start, level = opened.pop()
            if position - start > _LONG and level == 0:
                result[start], result[position] = r"\Bigl", r"\Bigr"
    return result
