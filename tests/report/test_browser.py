"""The report in a real browser: no errors, no sideways scrolling, filters and permanent links work."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mflverify.ledger.records import Ledger
from mflverify.report import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no browser: apt-get install chromium (Debian)"
)

# Runs in a page that holds the report in a frame of the wanted width, and writes what it saw.
PROBE = """
const frame = document.querySelector("iframe");
const errors = [];
frame.addEventListener("load", () => {
  const page = frame.contentDocument, view = frame.contentWindow;
  view.addEventListener("error", (event) => errors.push(event.message));
  const visible = () => [...page.querySelectorAll(".step")].filter((s) => !s.hidden).map((s) => s.id);
  const seen = { width: view.innerWidth, content: page.documentElement.scrollWidth };
  for (const details of page.querySelectorAll("details")) details.open = true;
  seen.opened = page.documentElement.scrollWidth;
  for (const details of page.querySelectorAll("details")) details.open = false;
  seen.all = visible().length;
  const pick = (id, value, type) => {
    const control = page.getElementById(id);
    control.value = value;
    control.dispatchEvent(new view.Event(type));
  };
  pick("filter-logical", "fact", "change");
  seen.fact = visible();
  pick("filter-logical", "", "change");
  pick("filter-empirical", "refuted", "change");
  seen.refuted = visible();
  seen.count = page.getElementById("filter-count").textContent;
  pick("filter-text", "nowhere to be found", "input");
  seen.none = visible();
  seen.sections = [...page.querySelectorAll(".statement")].filter((s) => !s.hidden).length;
  view.location.hash = "#thm-1/fact";
  view.dispatchEvent(new view.Event("hashchange"));
  const target = page.getElementById("thm-1/fact");
  seen.revealed = !target.hidden && target.offsetParent !== null && target.querySelector("details").open;
  seen.math = page.querySelector("math mfrac").getBoundingClientRect().height;
  seen.errors = errors;
  document.querySelector("pre").textContent = JSON.stringify(seen);
});
"""


def _probe(ledger: Ledger, folder: Path, width: int) -> dict[str, Any]:
    assert CHROMIUM is not None
    source = html.escape(render_html(ledger))
    page = folder / "probe.html"
    page.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><pre></pre><iframe style="width:{width}px;height:800px;'
        f'border:0"></iframe><script>{PROBE}frame.srcdoc = document.getElementById("report").value;'
        f"</script>".replace(
            "<script>", f'<textarea id="report" hidden>{source}</textarea><script>'
        ),
        encoding="utf-8",
    )
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/profile",
    ]
    command += [
        "--virtual-time-budget=5000",
        "--enable-logging=stderr",
        "--dump-dom",
        page.as_uri(),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert "CONSOLE" not in run.stderr, run.stderr[-2000:]
    found = re.search(r"<pre>(.*?)</pre>", run.stdout, re.DOTALL)
    assert found is not None
    assert found[1], run.stderr[-2000:]
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_works(ledger: Ledger, tmp_path: Path, width: int) -> None:
    seen = _probe(ledger, tmp_path, width)
    assert seen["errors"] == []
    assert seen["width"] == width
    assert seen["content"] <= width
    assert seen["opened"] <= width
    assert seen["all"] == 14
    assert seen["fact"] == ["thm-1/fact"]
    assert seen["refuted"] == ["thm-1/refuted"]
    assert seen["count"] == "1 of 14 steps"
    assert seen["none"] == []
    assert seen["sections"] == 0
    assert seen["revealed"]
    assert seen["math"] > 20
