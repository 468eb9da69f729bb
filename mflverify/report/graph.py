"""The dependency graph as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from mflverify.report.layered import Drawing, Edge, Point, draw_layered
from mflverify.report.network import Network, Node, Standing

_LABEL_WIDTH = 7.4  # of one character of the label and of the line below it, in pixels
_WORD_WIDTH = 5.9
_HEIGHT = 40.0
_PADDING = 12.0
_MARGIN = 8.0
_SHRINKS = 0.8  # to this share of its size on a narrow page, before the page lets it scroll
_SPACED = Markup(' dx="9"')


def _size(node: Node) -> Point:
    words = "   ".join(word.text for word in node.words)
    longest = max(len(node.label) * _LABEL_WIDTH, len(words) * _WORD_WIDTH)
    return longest + 2 * _PADDING, _HEIGHT


def graph(network: Network) -> Markup:
    """The drawing; every node is a link, and is described in words with what it rests on."""
    drawing = draw_layered({node.key: _size(node) for node in network.nodes}, network.edges)
    width, height = drawing.width + 2 * _MARGIN, drawing.height + 2 * _MARGIN
    opening = Markup(
        '<svg class="graph" role="group" aria-label="{}" data-graph="{}" viewBox="{} {} {} {}" '
        'style="width: 100%; height: auto; min-width: {}px; max-width: {}px">'
    ).format(
        network.title,
        network.name,
        *(_number(v) for v in (-_MARGIN, -_MARGIN, width, height, width * _SHRINKS, width)),
    )
    body = [_edge(edge, points) for edge, points in drawing.routes.items()]
    body += [_node(standing, drawing) for standing in network.standings]
    return opening + Markup("").join(body) + Markup("</svg>")


def described(standing: Standing) -> str:
    """A node in words, with its place in the network."""
    below, above = standing.foundations, standing.dependants
    rests = f"rests on {below}" if below else "rests on nothing here"
    supports = f"{above} rest{'s' if above == 1 else ''} on it" if above else "nothing rests on it"
    return f"{standing.node.title}; {rests}, {supports}"


def _edge(edge: Edge, points: Sequence[Point]) -> Markup:
    """A curve through the points, horizontal at each of them, with its head at the end."""
    x, y = points[0]
    path = [f"M{_number(x)} {_number(y)}"]
    for nx, ny in points[1:]:
        middle = _number((x + nx) / 2)
        path.append(f"C{middle} {_number(y)} {middle} {_number(ny)} {_number(nx)} {_number(ny)}")
        x, y = nx, ny
    back = _number(x + (5.0 if points[-1][0] < points[0][0] else -5.0))
    tip = f"L{_number(x)} {_number(y)}"
    head = f"M{back} {_number(y - 3)}{tip}L{back} {_number(y + 3)}"
    return Markup('<path class="edge" data-from="{}" data-to="{}" d="{}{}"/>').format(
        *edge, "".join(path), head
    )


def _node(standing: Standing, drawing: Drawing) -> Markup:
    node = standing.node
    x, y = drawing.centres[node.key]
    width, height = _size(node)
    left, top = x - width / 2, y - height / 2
    words = Markup("").join(
        Markup('<tspan class="tone-{}"{}>{}</tspan>').format(
            word.tone, _SPACED if index else "", word.text
        )
        for index, word in enumerate(node.words)
    )
    return Markup(
        '<a href="{}" class="node is-{} tone-{}" data-node="{}"><title>{}</title>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/>'
        '<text class="label" x="{}" y="{}">{}</text>'
        '<text class="words" x="{}" y="{}">{}</text></a>'
    ).format(
        node.href,
        node.shape,
        node.tone,
        node.key,
        described(standing),
        *(_number(v) for v in (left, top, width, height, 20 if node.shape == "fact" else 3)),
        *(_number(v) for v in (x, y - 3)),
        node.label,
        *(_number(v) for v in (x, y + 13)),
        words,
    )


def _number(value: float) -> str:
    """At most one decimal, so that the last bits of a platform's arithmetic do not show."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
