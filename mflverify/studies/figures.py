"""Figures as SVG and PNG, with captions and text alternatives; the same data give the same SVG."""

from __future__ import annotations

from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import frozen

from mflverify.studies.storage import MissingExtraError

# Okabe and Ito's colours, told apart with any colour vision
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


@frozen(eq=False)
class Figure:
    """A matplotlib figure with the words that go with it.

    caption: below the picture.  alternative: what the picture shows, for those who cannot see it.
    """

    name: str
    picture: Any
    caption: str
    alternative: str

    def save(self, folder: Path) -> list[Path]:
        """name.svg and name.png in `folder`; the caption and alternative go into the SVG."""
        folder.mkdir(parents=True, exist_ok=True)
        svg, png = folder / f"{self.name}.svg", folder / f"{self.name}.png"
        with _style().rc_context({"svg.hashsalt": self.name, "svg.fonttype": "path"}):
            self.picture.savefig(svg, metadata={"Date": None})
            words = {"Software": None, "Title": self.caption, "Description": self.alternative}
            self.picture.savefig(png, dpi=150, metadata=words)
        text = svg.read_text(encoding="utf-8")
        start = text.index("<svg ")
        end = text.index(">", start)
        words = (
            f"\n <title>{escape(self.caption)}</title>\n <desc>{escape(self.alternative)}</desc>"
        )
        role = ' role="img"'
        svg.write_text(text[:end] + role + ">" + words + text[end + 1 :], encoding="utf-8")
        _style().close(self.picture)
        return [svg, png]


def _style() -> ModuleType:
    try:
        import matplotlib as mpl  # noqa: PLC0415  (optional)

        mpl.use("Agg")
        import matplotlib.pyplot as plt  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("figures need: pip install 'mflverify[studies]'") from error
    return plt


def panels(columns: int, *, width: float = 4.6, height: float = 3.6) -> tuple[Any, list[Any]]:
    """An empty figure with panels side by side, in the common style."""
    plt = _style()
    picture, axes = plt.subplots(
        1, columns, figsize=(width * columns, height), squeeze=False, layout="constrained"
    )
    for axis in axes[0]:
        axis.grid(visible=True, linewidth=0.4, color="#cccccc")
        axis.set_prop_cycle(color=COLOURS)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    return picture, list(axes[0])
