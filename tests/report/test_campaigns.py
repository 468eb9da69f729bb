"""What campaigns found is counted honestly, and told apart by the version of its step."""

from __future__ import annotations

import re

from attrs import evolve

from mflverify.ledger.records import Ledger
from mflverify.report import render_html, render_latex
from mflverify.report.campaigns import Digests, coverage_of, kill_matrix, rate_groups


def test_only_kills_count_as_kills(campaigns: Ledger) -> None:
    matrix = kill_matrix(campaigns.mutants)
    assert (matrix.whole.killed, matrix.whole.total, matrix.harmless) == (1, 3, 1)
    assert matrix.kinds == ("sign", "factor")
    first = matrix.rows[0]
    assert [(cell.killed, cell.total, cell.tone) for cell in first.cells] == [
        (1, 1, "pass"),
        (0, 1, "fail"),
    ]
    assert [m.status for m in matrix.survivors] == ["survived", "undecided"]
    assert [(c.name, c.killed, c.tried) for c in matrix.checks] == [
        ("exact", 1, 2),
        ("logical", 0, 1),
    ]


def test_a_kill_whose_neighbour_fails_is_told(campaigns: Ledger) -> None:
    killed = evolve(campaigns.mutants[0], neighbour="fails")
    assert kill_matrix((killed,)).spoilt == (killed,)
    assert "a harmless neighbour that fails as well" in render_html(
        evolve(campaigns, mutants=(killed,))
    )


def test_findings_about_other_versions_are_told_apart(campaigns: Ledger) -> None:
    digests = Digests.of(campaigns)
    assert [digests.freshness(c) for c in campaigns.constants] == ["current", "earlier"]
    assert digests.freshness(campaigns.mutants[3]) == "gone"
    for text in (render_html(campaigns), render_latex(campaigns)):
        assert text.count("of an earlier version of the step") == 1
        assert "the step is gone" in text


def test_hypotheses_have_digests_and_places_too(campaigns: Ledger) -> None:
    given = campaigns.statements[1].given[1]
    mutant = evolve(campaigns.mutants[3], step="thm-1/hypothesis 2", digest=given.digest)
    assert Digests.of(campaigns).freshness(mutant) == "current"
    page = render_html(evolve(campaigns, mutants=(mutant,)))
    assert '<a href="#thm-1:hypothesis-2">thm-1/hypothesis 2</a>' in page


def test_signs_of_constants_belong_to_all_steps_of_a_statement(campaigns: Ledger) -> None:
    statement = next(s for s in campaigns.statements if s.label == "thm-1")
    about = evolve(campaigns.mutants[3], step="thm-1/sign of a", digest=statement.steps_digest)
    digests = Digests.of(campaigns)
    assert digests.freshness(about) == "current"
    assert digests.freshness(evolve(about, digest="old")) == "earlier"
    assert digests.freshness(evolve(about, step="thm-9/sign of a")) == "gone"
    page = render_html(evolve(campaigns, mutants=(about,)))
    assert '<a href="#thm-1">thm-1/sign of a</a>' in page


def test_facts_are_never_out_of_date_and_have_places(campaigns: Ledger) -> None:
    constant = evolve(
        campaigns.constants[0], statement="facts", step="facts/some-fact", best_ratio=""
    )
    assert Digests.of(campaigns).freshness(constant) == "current"
    page = render_html(evolve(campaigns, constants=(constant,)))
    assert '<a href="#fact:some-fact">facts/some-fact</a>' in page


def test_coverage_counts_what_is_in_scope(campaigns: Ledger) -> None:
    (paper,) = coverage_of(campaigns)
    assert (paper.formalised, paper.wanted, len(paper.items)) == (1, 2, 3)
    page = render_html(campaigns)
    assert "The paper: 1 of 2 listed items in scope are formalised" in page
    assert "1 of 2 listed items of" in page  # in the overview


def test_a_run_without_campaigns_has_no_such_sections(ledger: Ledger) -> None:
    page = render_html(ledger)
    for section in ("constants", "mutants", "rates", "coverage"):
        assert f'id="{section}"' not in page
        assert f'href="#{section}"' not in page


def test_trajectories_are_grouped_by_step_and_a_broken_bound_is_red(campaigns: Ledger) -> None:
    near, far = campaigns.rates
    other = evolve(near, step="thm-1/exact", verdict="violated")
    groups = rate_groups((near, other, far))
    assert [(group.step, len(group.records)) for group in groups] == [
        ("thm-1/fact", 2),
        ("thm-1/exact", 1),
    ]
    assert groups[1].quantity == near.quantity
    assert groups[0].quantity is None  # the two do not say the same
    page = render_html(evolve(campaigns, rates=(near, other, far)))
    assert "The bound holds on" in page
    assert "1 of 2 trajectories</a> inside the balls" in page
    assert re.search(r'class="badge tone-fail"[^>]*>.{0,60}✗</span> violated', page)
    text = render_latex(evolve(campaigns, rates=(near, other, far)))
    assert r"\mflmark{fail}{\mflsignfail}{violated}" in text


def test_what_is_not_guaranteed_is_a_dash(campaigns: Ledger) -> None:
    page = render_html(evolve(campaigns, rates=campaigns.rates[1:]))
    row = page[page.index("from far away</th>") :].split("</tr>")[0]
    assert row.count('<td class="number">–</td>') == 3  # of the bound, guaranteed, measured
    assert "inside the balls" not in page


def test_each_statement_has_its_score(campaigns: Ledger) -> None:
    page = render_html(campaigns)
    table = page.partition('<table class="list scores">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr><th.*?</tr>", table, re.DOTALL)
    numbers = [re.findall(r'<td class="number[^>]*>(\d*)</td>', line) for line in rows]
    # mutants, refuted, left open, harmless, not settled, noticed by exact
    assert [found[:6] for found in numbers[1:]] == [
        ["3", "1", "0", "1", "1", "1"],
        ["1", "0", "0", "0", "1", ""],
        ["4", "1", "0", "1", "2", "1"],
    ]
    assert "all & 4 & 1 & 0 & 1 & 2" in render_latex(campaigns)


def test_many_mutants_are_not_listed_one_by_one(campaigns: Ledger) -> None:
    many = evolve(campaigns, mutants=campaigns.mutants * 300)
    assert "are in <code>mutants.json</code>" in render_html(many)
    assert "mutants.json" not in render_html(campaigns)
