"""Which MathML may enter a page."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mflverify.expr import Parameter, sqrt
from mflverify.expr.printing import to_mathml, to_unicode
from mflverify.expr.terms import Term
from mflverify.ledger.records import CertificateTerm, Formula, SlackRecord
from mflverify.report.mathml import checked_mathml, summand_mathml


def test_what_the_printer_draws_passes_unchanged() -> None:
    a, b = Parameter("a", "positive"), Parameter("b", "positive")
    term = sqrt(1 + a**2) / (a + b) + a * b + b**2 - a
    for width in (None, 1):
        text = to_mathml(term <= b, max_terms_per_line=width)
        assert checked_mathml(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "<math><mi>a</mi>",
        "<math><mi>a</math></mi>",
        "</math><math>",
        "<math></math><math></math>",
        "<math><math></math></math>",
        "<math><mi>a</mi></math>tail",
        "<mrow><mi>a</mi></mrow>",
        "<math><script>alert(1)</script></math>",
        "<math><mtext><img src=x></mtext></math>",
        "<math><annotation-xml encoding='text/html'><p>x</p></annotation-xml></math>",
        "<math><semantics><mi>a</mi></semantics></math>",
        "<math><mi href='javascript:x'>a</mi></math>",
        "<math><mi style='background: url(x)'>a</mi></math>",
        "<math xmlns='http://www.w3.org/1999/xhtml'><mi>a</mi></math>",
        "<math><mi/></math>",
        "<math><!-- x --><mi>a</mi></math>",
        "<!DOCTYPE x><math><mi>a</mi></math>",
        "<math><?php x ?><mi>a</mi></math>",
        "<math><![CDATA[x]]></math>",
        "<math><mi>a&nbsp;b</mi></math>",
        "<math><mi>a & b</mi></math>",
        "<math><mi>a > b</mi></math>",
        "<math><MI>a</MI></math>",
        "<math><mi class='problems'>a</mi></math>",
        "<math><mi class=x>a</mi></math>",
        "<math><mi\x00>a</mi></math>",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mathml must be plain MathML"):
        checked_mathml(text)


def _formula(term: Term) -> Formula:
    return Formula(to_unicode(term), "", to_mathml(term), "")


def _lines(markup: str) -> list[str]:
    """The texts between which a page may break the outermost row."""
    root = ET.fromstring(markup)
    (row,) = root
    assert row.get("class") == "line"
    return ["".join(part.itertext()) for part in row]


def test_a_summand_may_break_between_and_inside_its_factors() -> None:
    a, b, c = (Parameter(name, "positive") for name in "abc")
    slack = SlackRecord("h", _formula(a - b / c))
    term = CertificateTerm("1/2", _formula(a * sqrt(b)), "product", (slack, slack))
    assert _lines(str(summand_mathml(term))) == ["12", "⋅a", "b", "⋅(a", "−bc)", "⋅(a", "−bc)"]
    alone = CertificateTerm("1", _formula(a), "hypothesis")
    assert _lines(str(summand_mathml(alone))) == ["a"]


def test_rows_inside_a_piece_are_no_places_to_break() -> None:
    a, b = Parameter("a", "positive"), Parameter("b", "positive")
    whole = to_mathml((a + b) ** 2 / 2)
    term = CertificateTerm("1", Formula("x", "", whole, ""), "square")
    texts = "".join(_lines(str(summand_mathml(term))))
    assert texts == "".join(ET.fromstring(whole).itertext())
