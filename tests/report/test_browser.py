"""The report in a real browser: no errors, no sideways scrolling, accessible, all that it offers works."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from attrs import evolve

from mflverify.ledger.records import Ledger
from mflverify.report import write_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no browser: apt-get install chromium (Debian)"
)

OPEN_ALL = """() => {
  for (let more; (more = document.querySelectorAll("details:not([open])")).length;)
    for (const details of more) details.open = true;
}"""
SHOWN = '() => [...document.querySelectorAll(".step")].filter((s) => s.checkVisibility()).map((s) => s.id)'
REACHABLE = """() => [...document.querySelectorAll(".formula, .scroll")].every(
  (box) => !box.checkVisibility() || box.scrollWidth <= box.clientWidth + 1 || box.tabIndex === 0)"""
FOLDED = '() => document.querySelectorAll("noscript").length'


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(campaigns: Ledger, tmp_path: Path) -> str:
    write_html(campaigns, tmp_path / "report.html")
    return (tmp_path / "report.html").as_uri()


@pytest.fixture
def tab(browser: Any, address: str) -> Iterator[Any]:
    """A tab that fails the test for whatever the browser complains of."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: _only(address, request.url, complaints))
    yield tab
    tab.close()
    assert complaints == []


def _only(address: str, url: str, complaints: list[str]) -> None:
    if url.partition("#")[0] != address:
        complaints.append(f"request for {url}")


def _open_all(tab: Any) -> None:
    """Unfold everything, also what appears while unfolding."""
    for _ in range(4):
        tab.evaluate(OPEN_ALL)
        tab.wait_for_timeout(50)
    assert tab.evaluate(FOLDED) == 0


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("folded", [True, False])
def test_nothing_is_wider_than_the_screen(tab: Any, address: str, width: int, folded: bool) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(address)
    if not folded:
        _open_all(tab)
    assert tab.evaluate("() => innerWidth") == width
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width


def test_every_link_resolves_when_everything_is_open(tab: Any, address: str) -> None:
    tab.goto(address)
    _open_all(tab)
    links = tab.evaluate(
        '() => [...document.querySelectorAll("a")].map((a) => a.getAttribute("href"))'
    )
    identifiers = set(tab.evaluate('() => [...document.querySelectorAll("[id]")].map((e) => e.id)'))
    assert len(links) > 80
    assert [
        link
        for link in links
        if not link.startswith("#?") and (link[0] != "#" or unquote(link[1:]) not in identifiers)
    ] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing_serious(tab: Any, address: str, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab.set_viewport_size({"width": width, "height": 800})
    tab.emulate_media(color_scheme=scheme)
    tab.goto(address)
    _open_all(tab)
    tab.wait_for_function(REACHABLE)
    found = Axe().run(tab).response["violations"]
    serious = [
        (rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"]][:3])
        for rule in found
        if rule["impact"] in ("serious", "critical", "moderate")
    ]
    assert serious == []


def test_steps_are_filled_only_when_unfolded(tab: Any, address: str) -> None:
    tab.goto(address)
    before = tab.evaluate(FOLDED)
    assert before > 14
    tab.locator('[id="thm-1/fact"] > details > summary').click()
    tab.wait_for_selector('[id="thm-1/fact"] .reasons')
    assert tab.evaluate(FOLDED) == before - 1


def test_without_scripts_everything_is_there(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    tab.locator('[id="thm-1/fact"] > details > summary').click()
    assert tab.locator('[id="thm-1/fact"] .reasons').is_visible()
    context.close()


def test_filters_search_and_their_address(tab: Any, address: str) -> None:
    tab.goto(address)
    assert len(tab.evaluate(SHOWN)) == 14
    tab.select_option("#filter-logical", "fact")
    assert tab.evaluate(SHOWN) == ["thm-1/fact"]
    assert tab.locator("#filter-count").inner_text() == "1 of 14 steps"
    assert tab.url.endswith("#?logical=fact")
    tab.reload()
    assert tab.evaluate(SHOWN) == ["thm-1/fact"]
    tab.locator("#filter-clear").click()
    assert len(tab.evaluate(SHOWN)) == 14
    assert "#" not in tab.url
    tab.fill("#filter-text", "nowhere to be found")
    assert tab.evaluate(SHOWN) == []
    assert tab.locator(".statement:visible").count() == 0


def test_a_count_leads_to_its_steps(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.locator('a[href="#?empirical=not%20applicable"]').click()
    assert tab.evaluate(SHOWN) == ["thm-1/inapplicable"]
    assert tab.input_value("#filter-empirical") == "not applicable"


def test_a_permanent_link_opens_its_step(tab: Any, address: str) -> None:
    tab.goto(f"{address}#?logical=open")
    assert tab.evaluate(SHOWN) == ["thm-1/open"]
    tab.goto(f"{address}#thm-1/fact")
    step = tab.locator('[id="thm-1/fact"]')
    assert step.locator(".reasons").is_visible()
    box = step.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900


def _near(tab: Any, graph: str) -> set[str]:
    return set(
        tab.evaluate(
            """(name) => [...document.querySelectorAll(".graph")]
            .find((graph) => graph.dataset.graph === name)
            .querySelectorAll(".node.near").values().map((node) => node.dataset.node).toArray()""",
            graph,
        )
    )


def test_a_node_is_held_with_what_it_rests_on_and_the_address_says_so(
    tab: Any, address: str
) -> None:
    tab.goto(address)
    node = tab.locator('[data-graph="overview"] [data-node="lem-0"]')
    node.click()
    assert tab.url.endswith("#?graph=overview&node=lem-0")
    assert _near(tab, "overview") == {"lem-0", "thm-1"}
    about = tab.locator("#graph .about")
    assert "1 rests on it" in about.inner_text()
    assert about.locator("a").get_attribute("href") == "#lem-0"
    tab.keyboard.press("Escape")
    assert about.is_hidden()
    assert "#" not in tab.url


def test_the_address_of_a_held_node_opens_its_graph(tab: Any, address: str) -> None:
    tab.goto(f"{address}#?graph=thm-1&node=thm-1%2Ffact")
    held = tab.locator(".node.held")
    held.wait_for(state="visible")
    assert held.get_attribute("data-node") == "thm-1/fact"
    assert _near(tab, "thm-1") == {"thm-1/fact", "some-fact", "thm-1/proved"}


def test_nodes_work_from_the_keyboard(tab: Any, address: str) -> None:
    tab.goto(address)
    node = tab.locator('[data-graph="overview"] [data-node="lem-0"]')
    node.focus()
    assert _near(tab, "overview") == {"lem-0", "thm-1"}
    tab.keyboard.press("Enter")
    assert tab.url.endswith("node=lem-0")


def test_formulas_have_height_and_trajectories_are_drawn(tab: Any, address: str) -> None:
    tab.goto(address)
    _open_all(tab)
    assert tab.locator("math mfrac").first.bounding_box()["height"] > 20
    assert tab.locator("svg.trajectory path.curve.is-measured").first.bounding_box()["width"] > 150


def test_matrices_stay_matrices_on_a_telephone(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(address)
    cells = tab.locator('[id="thm-1/sampled"] .claim mtable.matrix mtd')
    boxes = [cells.nth(index).bounding_box() for index in range(4)]
    assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=4)
    assert boxes[1]["x"] > boxes[0]["x"] + boxes[0]["width"] - 2
    assert boxes[2]["y"] > boxes[0]["y"] + 10


def test_brackets_of_one_pair_have_one_height(tab: Any, address: str) -> None:
    """Also when the page may break the line between them."""
    tab.goto(address)
    heights = tab.evaluate("""() => [...document.querySelectorAll('mo[form="prefix"][minsize]')]
        .filter((mo) => mo.textContent === "(" && mo.checkVisibility())
        .map((mo) => {
          const all = [...mo.closest("math").querySelectorAll("mo[minsize]")];
          const close = all[all.indexOf(mo) + 1];
          return [mo, close].map((sign) => sign.getBoundingClientRect().height);
        })""")
    assert heights
    assert all(abs(left - right) < 3 for left, right in heights)


def test_the_held_node_of_an_address_is_in_view(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 500})
    tab.goto(f"{address}#?graph=overview&node=lem-0")
    box = tab.locator(".node.held").bounding_box()
    assert 0 <= box["x"] <= 390 - 20
    assert 0 <= box["y"] <= 500 - 20


def test_paper_shows_what_is_folded(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.emulate_media(media="print")
    tab.evaluate('() => window.dispatchEvent(new Event("beforeprint"))')
    assert tab.evaluate(FOLDED) == 0
    assert tab.locator("details:not([open])").count() == 0
    tab.evaluate('() => window.dispatchEvent(new Event("afterprint"))')
    assert tab.locator("details[open]").count() == 0


def test_a_run_without_anything_to_say_opens(browser: Any, ledger: Ledger, tmp_path: Path) -> None:
    write_html(evolve(ledger, statements=(), problems=(), examples=()), tmp_path / "r.html")
    tab = browser.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto((tmp_path / "r.html").as_uri())
    assert complaints == []
    tab.close()
