"""How fast a report of a thousand steps is written, and opens in a browser.

    python benchmarks/report_size.py reports/ledger.json [STEPS]

The ledger's own statements are repeated under new labels until there are STEPS steps, 1000 unless
said.  Needs playwright and chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from attrs import evolve

from mflverify.ledger import Ledger, read
from mflverify.ledger.records import StatementRecord
from mflverify.report import render_html


def enlarged(ledger: Ledger, steps: int) -> Ledger:
    """The statements of a ledger over and over, each copy with labels of its own."""
    found: list[StatementRecord] = []
    count = copy = 0
    while count < steps:
        own = {statement.label for statement in ledger.statements}

        def renamed(label: str, own: set[str] = own, copy: int = copy) -> str:
            head, slash, tail = label.partition("/")
            return f"{head}-{copy}{slash}{tail}" if head in own else label

        for statement in ledger.statements:
            copied = tuple(
                evolve(
                    step,
                    label=renamed(step.label),
                    uses=tuple(renamed(label) for label in step.uses),
                    because=tuple(evolve(r, label=renamed(r.label)) for r in step.because),
                )
                for step in statement.steps
            )
            found.append(
                evolve(
                    statement,
                    label=renamed(statement.label),
                    steps=copied,
                    rests_on=tuple(renamed(label) for label in statement.rests_on),
                )
            )
            count += len(copied)
        copy += 1
    return evolve(ledger, statements=tuple(found))


def opened(page: Path) -> dict[str, float]:
    """Milliseconds from the start of navigation in a cold browser, without any cache."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.goto(page.as_uri())
        tab.wait_for_timeout(3000)
        times = tab.evaluate(
            """() => {
              const [entry] = performance.getEntriesByType("navigation");
              const paint = performance.getEntriesByName("first-contentful-paint")[0];
              return {"first paint": paint.startTime, "interactive": entry.domInteractive,
                      "loaded": entry.loadEventEnd, "nodes": document.querySelectorAll("*").length};
            }"""
        )
        browser.close()
    return times


def main() -> None:
    ledger = read(sys.argv[1])
    large = enlarged(ledger, int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
    steps = sum(len(statement.steps) for statement in large.statements)
    start = time.perf_counter()
    text = render_html(large)
    print(
        f"{steps} steps, written in {time.perf_counter() - start:.2f} s, {len(text) / 1e6:.1f} MB"
    )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(text, encoding="utf-8")
        for name, value in opened(page).items():
            print(f"{name:<12} {value:8.0f}{'' if name == 'nodes' else ' ms'}")


if __name__ == "__main__":
    main()
