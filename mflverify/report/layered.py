"""Layered drawings of directed graphs, left to right (Sugiyama's method), in plain Python.

Cycles are broken, layers assigned by longest paths, crossings reduced by barycentres, and
positions within layers found by isotonic regression towards the neighbours.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise

from attrs import frozen

_SWEEPS = 24
_ROUNDS = 16
_COLUMN_GAP = 64.0
_ROW_GAP = 14.0
_WIDE = 640.0  # room for rows of nodes when there is nothing else
_LANE = 6.0  # height kept free for an edge that passes through a layer

Edge = tuple[str, str]
Point = tuple[float, float]


@frozen
class Drawing:
    """Centres of nodes and polylines of edges; the origin is the upper left corner."""

    centres: Mapping[str, Point]
    routes: Mapping[Edge, tuple[Point, ...]]
    width: float
    height: float


@frozen
class _Waypoint:
    """Where the edges from one node pass through a layer on their way: together, as one lane."""

    source: str
    layer: int


_Vertex = str | _Waypoint


def draw_layered(sizes: Mapping[str, Point], edges: Iterable[Edge]) -> Drawing:
    """Lay out nodes of the given (width, height), every edge running to the right.

    An edge that closes a cycle runs to the left; loops and repeated edges are dropped.  Nodes
    without edges stand in rows below the others.
    Raises ValueError for an edge whose end is no node.
    """
    wanted = [edge for edge in dict.fromkeys(edges) if edge[0] != edge[1]]
    for edge in wanted:
        if not set(edge) <= set(sizes):
            raise ValueError(f"edges: {edge!r} has an end that is no node")
    linked = {end for edge in wanted for end in edge}
    alone = {node: size for node, size in sizes.items() if node not in linked}
    sizes = {node: size for node, size in sizes.items() if node in linked}
    backward = _backward(sizes, wanted)
    acyclic = [(b, a) if (a, b) in backward else (a, b) for a, b in wanted]
    layer = _layers(list(sizes), acyclic)
    columns, links = _columns(layer, dict.fromkeys(acyclic))
    columns = _uncrossed(columns, links)
    return _with_rows(_placed(sizes, wanted, backward, columns, links), alone)


def _with_rows(drawing: Drawing, alone: Mapping[str, Point]) -> Drawing:
    """The drawing with further nodes in rows below it, no wider than it is or than `_WIDE`."""
    room = max(drawing.width, _WIDE)
    centres = dict(drawing.centres)
    x = right = 0.0
    top = drawing.height + 2 * _ROW_GAP if centres else 0.0
    bottom = top
    for node, (width, height) in alone.items():
        if x and x + width > room:
            x, top = 0.0, bottom + _ROW_GAP
        centres[node] = (x + width / 2, top + height / 2)
        x, right, bottom = (
            x + width + 2 * _ROW_GAP,
            max(right, x + width),
            max(bottom, top + height),
        )
    total = bottom if alone else drawing.height
    return Drawing(centres, drawing.routes, max(drawing.width, right), total)


def _backward(nodes: Iterable[str], edges: Sequence[Edge]) -> set[Edge]:
    """Edges whose reversal leaves no cycle: those that a depth-first search finds closing one."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        after[source].append(target)
    state: dict[str, int] = {}
    found: set[Edge] = set()
    for root, first in after.items():
        stack = [(root, iter(first))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            node, rest = stack[-1]
            child = next(rest, None)
            if child is None:
                state[node] = 2
                stack.pop()
            elif child not in state:
                state[child] = 1
                stack.append((child, iter(after[child])))
            elif state[child] == 1:
                found.add((node, child))
    return found


def _layers(nodes: list[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Longest path to each node; then sources move right, next to what they lead to."""
    before: dict[str, list[str]] = {node: [] for node in nodes}
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    missing = {node: len(before[node]) for node in nodes}
    ready = [node for node in nodes if not missing[node]]
    layer: dict[str, int] = {}
    for node in ready:  # grows while it is read
        layer[node] = max((layer[source] + 1 for source in before[node]), default=0)
        for target in after[node]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    for node in nodes:
        if not before[node] and after[node]:
            layer[node] = min(layer[target] for target in after[node]) - 1
    return layer


def _columns(
    layer: Mapping[str, int], edges: Iterable[Edge]
) -> tuple[list[list[_Vertex]], list[tuple[_Vertex, _Vertex]]]:
    """Vertices of each layer with waypoints, and the links between neighbouring layers."""
    columns: list[list[_Vertex]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in layer:
        columns[layer[node]].append(node)
    links: dict[tuple[_Vertex, _Vertex], None] = {}
    lanes: set[_Waypoint] = set()
    for source, target in edges:
        chain: list[_Vertex] = [source]
        for between in range(layer[source] + 1, layer[target]):
            waypoint = _Waypoint(source, between)
            if waypoint not in lanes:
                lanes.add(waypoint)
                columns[between].append(waypoint)
            chain.append(waypoint)
        chain.append(target)
        links |= dict.fromkeys(pairwise(chain))
    return columns, list(links)


Neighbours = dict[_Vertex, list[_Vertex]]


def _neighbours(links: Iterable[tuple[_Vertex, _Vertex]]) -> tuple[Neighbours, Neighbours]:
    left: Neighbours = {}
    right: Neighbours = {}
    for source, target in links:
        left.setdefault(target, []).append(source)
        right.setdefault(source, []).append(target)
    return left, right


def _uncrossed(
    columns: list[list[_Vertex]], links: list[tuple[_Vertex, _Vertex]]
) -> list[list[_Vertex]]:
    """Each column sorted by barycentres of its neighbours, to and fro; the best order seen."""
    left, right = _neighbours(links)
    best, fewest = columns, _crossings(columns, right)
    current = columns
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        beside, order = (
            (left, range(1, len(columns)))
            if sweep % 2 == 0
            else (
                right,
                range(len(columns) - 2, -1, -1),
            )
        )
        current = [list(column) for column in current]
        for index in order:
            fixed = current[index - 1 if sweep % 2 == 0 else index + 1]
            place = {vertex: position for position, vertex in enumerate(fixed)}
            own = {vertex: float(position) for position, vertex in enumerate(current[index])}
            for vertex in current[index]:
                near = [place[other] for other in beside.get(vertex, ())]
                if near:
                    own[vertex] = sum(near) / len(near)
            current[index].sort(key=own.__getitem__)
        crossings = _crossings(current, right)
        if crossings < fewest:
            best, fewest = current, crossings
    return best


def _crossings(columns: list[list[_Vertex]], right: Neighbours) -> int:
    total = 0
    for here, there in pairwise(columns):
        place = {vertex: position for position, vertex in enumerate(there)}
        passed: list[int] = []
        for vertex in here:
            targets = sorted(place[target] for target in right.get(vertex, ()))
            total += sum(len(passed) - bisect_left(passed, target + 1) for target in targets)
            for target in targets:
                insort(passed, target)
    return total


def _placed(
    sizes: Mapping[str, Point],
    edges: Sequence[Edge],
    backward: set[Edge],
    columns: list[list[_Vertex]],
    links: list[tuple[_Vertex, _Vertex]],
) -> Drawing:
    def height(vertex: _Vertex) -> float:
        return sizes[vertex][1] if isinstance(vertex, str) else _LANE

    y = _heights(columns, links, height)
    centres: dict[_Vertex, Point] = {}
    spans: list[tuple[float, float]] = []
    x = 0.0
    for column in columns:
        width = max((sizes[v][0] for v in column if isinstance(v, str)), default=0.0)
        spans.append((x, x + width))
        centres |= {vertex: (x + width / 2, y[vertex]) for vertex in column}
        x += width + _COLUMN_GAP
    column_of = {vertex: index for index, column in enumerate(columns) for vertex in column}
    routes: dict[Edge, tuple[Point, ...]] = {}
    for edge in edges:
        chain = (edge[1], edge[0]) if edge in backward else edge
        source, target = chain
        points = [(centres[source][0] + sizes[source][0] / 2, y[source])]
        for layer in range(column_of[source] + 1, column_of[target]):
            points += [(side, y[_Waypoint(source, layer)]) for side in spans[layer]]
        points.append((centres[target][0] - sizes[target][0] / 2, y[target]))
        routes[edge] = tuple(reversed(points)) if edge in backward else tuple(points)
    bottom = max((y[v] + height(v) / 2 for column in columns for v in column), default=0.0)
    nodes = {vertex: point for vertex, point in centres.items() if isinstance(vertex, str)}
    return Drawing(nodes, routes, max(x - _COLUMN_GAP, 0.0), bottom)


def _heights(
    columns: list[list[_Vertex]],
    links: list[tuple[_Vertex, _Vertex]],
    height: Callable[[_Vertex], float],
) -> dict[_Vertex, float]:
    """Heights of centres: each column as near to its neighbours as its order and gaps allow."""
    left, right = _neighbours(links)
    y: dict[_Vertex, float] = {}
    gaps: list[list[float]] = []
    for column in columns:
        below = [(height(a) + height(b)) / 2 + _ROW_GAP for a, b in pairwise(column)]
        offsets = list(accumulate(below, initial=0.0))[: len(column)]
        gaps.append(offsets)
        y |= dict(zip(column, offsets, strict=True))
    for round_ in range(_ROUNDS):
        order = range(len(columns)) if round_ % 2 == 0 else range(len(columns) - 1, -1, -1)
        for index in order:
            column = columns[index]
            wanted = [_mean_height(vertex, left, right, y) for vertex in column]
            slack = [want - gap for want, gap in zip(wanted, gaps[index], strict=True)]
            level = isotonic(slack)
            y |= {v: z + gap for v, z, gap in zip(column, level, gaps[index], strict=True)}
    top = min((y[v] - height(v) / 2 for column in columns for v in column), default=0.0)
    return {vertex: value - top for vertex, value in y.items()}


def _mean_height(
    vertex: _Vertex, left: Neighbours, right: Neighbours, y: Mapping[_Vertex, float]
) -> float:
    near = [y[other] for side in (left, right) for other in side.get(vertex, ())]
    return sum(near) / len(near) if near else y[vertex]


def isotonic(values: Sequence[float]) -> list[float]:
    """The non-decreasing sequence nearest in least squares (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            other, number = blocks.pop()
            mean = (mean * count + other * number) / (count + number)
            count += number
        blocks.append((mean, count))
    return [mean for mean, count in blocks for _ in range(count)]
