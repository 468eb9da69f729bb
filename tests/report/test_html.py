"""The HTML report: structure, links, both findings, nothing from outside, nothing injected."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from attrs import evolve

from mflverify.ledger.records import Formula, Ledger, StepRecord
from mflverify.proof.verdict import GREEN_EMPIRICAL, GREEN_LOGICAL, Empirical, Logical
from mflverify.report import render_html, wording, write_html
from mflverify.report.html import tally

VOID = {"meta", "input", "br", "hr", "img", "link", "mspace", "path", "rect", "circle", "line"}


class Page(HTMLParser):
    """Elements with their attributes, text and ancestors; checks that tags balance."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[int, str] = {}
        self._open: list[tuple[str, int]] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append((tag, len(self.elements) - 1))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag, (opened, tag, self.getpos())

    def handle_data(self, data: str) -> None:
        for _, index in self._open:
            self.texts[index] = self.texts.get(index, "") + data

    def all(self, tag: str, css_class: str = "") -> list[tuple[dict[str, str], str]]:
        return [
            (attributes, " ".join(self.texts.get(index, "").split()))
            for index, (name, attributes) in enumerate(self.elements)
            if name == tag and css_class in ["", *attributes.get("class", "").split()]
        ]


@pytest.fixture
def page(ledger: Ledger) -> Page:
    return Page(render_html(ledger))


def _steps(ledger: Ledger) -> list[StepRecord]:
    return [step for statement in ledger.statements for step in statement.steps]


def test_identifiers_are_unique(page: Page) -> None:
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert [i for i, times in Counter(identifiers).items() if times > 1] == []
    assert not [i for i in identifiers if re.search(r"\s", i)]


def test_every_link_resolves_inside_the_page(page: Page) -> None:
    identifiers = {attributes.get("id") for _, attributes in page.elements}
    links = [attributes["href"] for _, attributes in page.elements if "href" in attributes]
    assert len(links) > 50
    assert [
        link
        for link in links
        if not link.startswith("#?") and (link[0] != "#" or unquote(link[1:]) not in identifiers)
    ] == []


def test_nothing_comes_from_outside(ledger: Ledger, page: Page) -> None:
    text = render_html(ledger)
    namespace = 'xmlns="http://www.w3.org/1998/Math/MathML"'
    assert "://" not in text.replace(namespace, "")
    assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest|import\(", text)
    assert not [
        tag for tag, _ in page.elements if tag in ("img", "link", "iframe", "object", "embed")
    ]
    assert not [a for _, a in page.elements if {"src", "srcset", "data"} & set(a)]


def test_text_of_a_ledger_is_never_markup(page: Page) -> None:
    assert len(page.all("script")) == 1
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert any("<script>alert(1)</script>" in text for _, text in page.all("li"))


def test_every_step_has_its_place_and_both_findings(ledger: Ledger, page: Page) -> None:
    articles = {attributes["id"]: attributes for attributes, _ in page.all("article", "step")}
    steps = _steps(ledger)
    assert len(articles) == len(steps)
    for step in steps:
        attributes = articles[re.sub(r"\s+", "-", step.label)]
        assert attributes["data-logical"] == step.logical
        assert attributes["data-empirical"] == step.empirical
    verdicts = [text for _, text in page.all("p", "verdicts")]
    for text, step in zip(verdicts, steps, strict=True):
        logical, empirical = wording.LOGICAL[step.logical], wording.EMPIRICAL[step.empirical]
        assert text == (
            f"logically {logical.sign} {step.logical}, empirically {empirical.sign} {step.empirical}"
        )


def test_counts_are_kept_apart(ledger: Ledger, page: Page) -> None:
    tables = re.findall(r'<table class="counts">.*?</table>', render_html(ledger), re.DOTALL)
    assert len(tables) == 2
    for table, kind in zip(tables, ("logical", "empirical"), strict=True):
        found = {
            re.sub(r"<[^>]*>", "", word).split(maxsplit=1)[1]: int(number)
            for word, number in re.findall(
                r"<tr.*?<th.*?>(.*?)</th><td.*?>(?:<a[^>]*>)?(\d+)<", table
            )
        }
        assert {word: n for word, n in found.items() if n} == ledger.counts()[kind]
    assert any("10 of 13" in text for _, text in page.all("td"))


def test_problems_come_first_and_are_complete(ledger: Ledger, page: Page) -> None:
    sections = [attributes["id"] for attributes, _ in page.all("section") if "id" in attributes]
    assert sections[0] == "problems"
    text = page.all("section", "problems")[0][1]
    assert f"{len(ledger.failures)} problems keep" in text
    for problem in ledger.problems:
        assert problem.where in text
    for step in _steps(ledger):
        assert not step.failure or f"{step.label}: {step.failure}" in text


def test_a_clean_run_has_no_problems(ledger: Ledger) -> None:
    clean = Ledger(ledger.schema, ledger.provenance, ledger.statements[:1])
    page = Page(render_html(clean))
    assert not page.all("section", "problems")
    assert "Nothing keeps this run from passing." in render_html(clean)


def test_counterexamples_are_shown_outside_the_folds(ledger: Ledger) -> None:
    article = render_html(ledger).split('id="thm-1/refuted"')[1].split("<details>")[0]
    for word in ("Known to be false", "the dramatic instance", "the minimal instance", "margin"):
        assert word in article
    assert 'href="#thm-1/proved"' in article


def test_certificates_read_as_identities(page: Page) -> None:
    cases = [text for _, text in page.all("p") if text.startswith("Case ")]
    assert cases[0] == "Case 1: right minus left is"
    assert cases[1] == "Case 2: the squares of the two sides differ by"
    terms = [text for _, text in page.all("li")]
    assert "12⋅(b−a)hypothesis 1" in terms  # one half, as a fraction
    assert "−3⋅a2⋅(b−a)⋅a2some-fact times thm-1/proved" in terms
    assert any(text.endswith("a square") for text in terms)


def test_local_labels_lead_to_hypotheses_and_assumptions(page: Page) -> None:
    links = {(attributes["href"], text) for attributes, text in page.all("a")}
    assert ("#thm-1:hypothesis-1", "hypothesis 1") in links
    assert ("#thm-1/open:assumption-2", "assumption 2") in links


def test_steps_are_folded(page: Page) -> None:
    assert page.all("details")
    assert not [attributes for attributes, _ in page.all("details") if "open" in attributes]


def test_headings_do_not_skip_levels(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_landmarks_and_labels(page: Page) -> None:
    tags = Counter(tag for tag, _ in page.elements)
    assert tags["main"] == tags["search"] == tags["nav"] == 1
    assert page.elements[0] == ("html", {"lang": "en"})
    for attributes, _ in page.all("svg"):
        assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
    identifiers = {attributes.get("id") for _, attributes in page.elements}
    labelled = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert labelled
    assert {name for names in labelled for name in names.split()} <= identifiers
    assert len(set(labelled)) == len(labelled)


def test_signs_accompany_every_word() -> None:
    assert set(wording.LOGICAL) == {str(verdict) for verdict in Logical}
    assert set(wording.EMPIRICAL) == {str(verdict) for verdict in Empirical}
    for verdict in Logical:
        assert (wording.LOGICAL[verdict].sign == "✓") == (verdict in GREEN_LOGICAL)
    for verdict in Empirical:
        assert (wording.EMPIRICAL[verdict].sign == "✓") == (verdict in GREEN_EMPIRICAL)


def test_the_overview_names_what_is_known_to_be_false(ledger: Ledger) -> None:
    overview = render_html(ledger).split('id="overview"')[1].split("<table")[0]
    assert "1 claim is known to be false:" in overview
    (known,) = [step.label for s in ledger.statements for step in s.steps if step.acknowledged]
    assert f">{known}</a>" in overview


def test_tally_counts_passes_only(ledger: Ledger) -> None:
    counted = tally(ledger.statements[1])
    assert (counted.total, counted.logical, counted.empirical) == (13, 10, 10)
    assert counted.least_slack == "-0.5"


def test_bytes_are_determined(ledger: Ledger, tmp_path: Path) -> None:
    write_html(ledger, tmp_path / "a.html")
    slower = evolve(
        ledger, statements=tuple(evolve(statement, seconds=7.0) for statement in ledger.statements)
    )
    write_html(slower, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_hostile_mathml_is_refused(ledger: Ledger) -> None:
    bad = Formula("a", "a", "<math><mi onclick='x()'>a</mi></math>", "d")
    statement = evolve(ledger.statements[0], given=(bad,))
    with pytest.raises(ValueError, match="mathml must be plain MathML: attribute onclick"):
        render_html(evolve(ledger, statements=(statement,)))


def test_labels_that_differ_in_spaces_only_stay_apart(ledger: Ledger) -> None:
    statement = ledger.statements[0]
    first = statement.steps[0]
    steps = tuple(
        evolve(first, label=f"lem-0/a{gap}b", name=f"a{gap}b") for gap in (" ", "-", "  ")
    )
    page = Page(render_html(evolve(ledger, statements=(evolve(statement, steps=steps),))))
    articles = [attributes["id"] for attributes, _ in page.all("article", "step")]
    assert articles == ["lem-0/a-b", "lem-0/a-b-2", "lem-0/a-b-3"]


def test_a_long_report_is_small_until_it_is_unfolded(ledger: Ledger) -> None:
    statement = ledger.statements[1]
    steps = tuple(
        evolve(step, label=f"thm-1/{n}-{step.name}", name=f"{n}-{step.name}")
        for n in range(25)
        for step in statement.steps
        if step.name in ("exact", "fact", "proved", "certified")
    )
    page = render_html(evolve(ledger, statements=(evolve(statement, steps=steps),), problems=()))
    unfolded = re.sub(r"<noscript>.*?</noscript>", "", page, flags=re.DOTALL)
    assert page.count('class="step') == unfolded.count('class="step') == 100
    formulas = "".join(re.findall(r"<math.*?</math>", unfolded, re.DOTALL))
    assert unfolded.count("<") - formulas.count("<") < 100 * 60
    assert len(unfolded) < len(page) / 2
