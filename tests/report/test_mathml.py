"""Which MathML may enter a page."""

from __future__ import annotations

import pytest

from mflverify.expr import Parameter, sqrt
from mflverify.expr.printing import to_mathml
from mflverify.report.mathml import checked_mathml


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
