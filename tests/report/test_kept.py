"""Reports are made again exactly when what they show, the program or the file itself has changed."""

from pathlib import Path

import pytest
from attrs import evolve

from mflverify.ledger import Ledger, store
from mflverify.report import files, kept, write_reports


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which reports were rendered, in order."""
    made: list[str] = []

    def watched(name: str) -> None:
        render = getattr(files, name)
        monkeypatch.setattr(files, name, lambda ledger: made.append(name) or render(ledger))

    watched("render_html")
    watched("render_latex")
    return made


def _write(ledger: Ledger, folder: Path) -> None:
    store.write(ledger, folder / "ledger.json")
    write_reports(ledger, folder, made_from=(folder / "ledger.json",))


BOTH = ["render_html", "render_latex"]


def test_nothing_is_rendered_when_nothing_has_changed(
    ledger: Ledger, tmp_path: Path, renderings: list[str]
) -> None:
    _write(ledger, tmp_path)
    before = (tmp_path / "report.html").read_bytes()
    _write(ledger, tmp_path)
    assert renderings == BOTH
    assert (tmp_path / "report.html").read_bytes() == before


def test_another_ledger_gives_other_reports(
    ledger: Ledger, tmp_path: Path, renderings: list[str]
) -> None:
    _write(ledger, tmp_path)
    other = evolve(ledger, provenance=evolve(ledger.provenance, seed=ledger.provenance.seed + 1))
    _write(other, tmp_path)
    assert renderings == BOTH * 2
    assert f"seed {other.provenance.seed}" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize("damage", ["</html>", "<!-- made from", "mflverify"])
def test_a_report_that_was_edited_is_made_again(
    ledger: Ledger, tmp_path: Path, renderings: list[str], damage: str
) -> None:
    _write(ledger, tmp_path)
    path = tmp_path / "report.html"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace(damage, "?", 1), encoding="utf-8")
    _write(ledger, tmp_path)
    assert renderings == [*BOTH, "render_html"]
    assert path.read_text("utf-8") == whole


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no newline"])
def test_whatever_stands_in_its_place_is_replaced(
    ledger: Ledger, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "report.tex").write_bytes(content)
    _write(ledger, tmp_path)
    assert r"\end{document}" in (tmp_path / "report.tex").read_text("utf-8")


def test_a_changed_template_makes_the_reports_again(
    ledger: Ledger, tmp_path: Path, renderings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(ledger, tmp_path)
    program = tmp_path / "program"
    program.mkdir()
    monkeypatch.setattr(kept, "_PROGRAM", (program,))
    _write(ledger, tmp_path)
    (program / "page.html.j2").write_text("other", encoding="utf-8")
    _write(ledger, tmp_path)
    assert renderings == BOTH * 3
