"""Layered drawings: edges run to the right, nothing overlaps, cycles and loops are survived."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mflverify.report.layered import Edge, draw_layered, isotonic

NODES = [f"n{k}" for k in range(9)]
GRAPHS = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=24)
SIZES = {node: (40.0 + 10 * k, 30.0) for k, node in enumerate(NODES)}


def _has_cycle(edges: list[Edge]) -> bool:
    left = set(NODES)
    while free := {n for n in left if not any(b == n and a in left for a, b in edges if a != b)}:
        left -= free
    return bool(left)


@given(GRAPHS)
def test_boxes_do_not_overlap_and_lie_inside(edges: list[Edge]) -> None:
    drawing = draw_layered(SIZES, edges)
    for first, second in combinations(NODES, 2):
        (x, y), (u, v) = drawing.centres[first], drawing.centres[second]
        apart_x = abs(x - u) - (SIZES[first][0] + SIZES[second][0]) / 2
        apart_y = abs(y - v) - (SIZES[first][1] + SIZES[second][1]) / 2
        assert max(apart_x, apart_y) > 5
    for node, (x, y) in drawing.centres.items():
        assert SIZES[node][0] / 2 - 1e-6 <= x <= drawing.width - SIZES[node][0] / 2 + 1e-6
        assert 15 - 1e-6 <= y <= drawing.height - 15 + 1e-6


@given(GRAPHS)
def test_edges_join_their_ends_and_run_right_unless_they_close_a_cycle(edges: list[Edge]) -> None:
    drawing = draw_layered(SIZES, edges)
    assert set(drawing.routes) == {edge for edge in edges if edge[0] != edge[1]}
    for (source, target), route in drawing.routes.items():
        forward = drawing.centres[source][0] < drawing.centres[target][0]
        assert forward or _has_cycle(edges)
        side = 1 if forward else -1
        for node, (x, y), sign in ((source, route[0], side), (target, route[-1], -side)):
            cx, cy = drawing.centres[node]
            assert x == pytest.approx(cx + sign * SIZES[node][0] / 2)
            assert y == pytest.approx(cy)


@given(GRAPHS)
def test_edges_keep_clear_of_other_boxes(edges: list[Edge]) -> None:
    drawing = draw_layered(SIZES, edges)
    for edge, route in drawing.routes.items():
        for x, y in route[1:-1]:
            for node in set(NODES) - set(edge):
                cx, cy = drawing.centres[node]
                inside_x = abs(x - cx) <= SIZES[node][0] / 2
                assert not (inside_x and abs(y - cy) < SIZES[node][1] / 2)


def test_crossings_are_removed() -> None:
    # one path n4 n1 n3 n0 n5 n2 through two layers, so no edges need to cross
    edges = [("n0", "n3"), ("n0", "n5"), ("n1", "n4"), ("n1", "n3"), ("n2", "n5")]
    centres = draw_layered(dict.fromkeys(NODES[:6], (10.0, 10.0)), edges).centres
    for (a, b), (c, d) in combinations(edges, 2):
        left, right = centres[a][1] - centres[c][1], centres[b][1] - centres[d][1]
        assert left * right >= 0


def test_empty_and_unknown() -> None:
    empty = draw_layered({}, [])
    assert (empty.width, empty.height, dict(empty.centres)) == (0.0, 0.0, {})
    with pytest.raises(ValueError, match=r"edges: \('a', 'b'\) has an end that is no node"):
        draw_layered({"a": (1, 1)}, [("a", "b")])


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    names = [str(k) for k in range(3000)]
    edges = list(pairwise(names))
    drawing = draw_layered(dict.fromkeys(names, (1.0, 1.0)), edges)
    assert drawing.centres["0"][0] < drawing.centres["2999"][0]


@given(st.lists(st.integers(-50, 50).map(float), max_size=12))
def test_isotonic_is_the_projection_on_increasing_sequences(values: list[float]) -> None:
    level = isotonic(values)
    assert all(a <= b + 1e-9 for a, b in pairwise(level))
    # the residual is orthogonal to the projection and has no component along any upper step
    residual = [v - z for v, z in zip(values, level, strict=True)]
    assert sum(r * z for r, z in zip(residual, level, strict=True)) == pytest.approx(0, abs=1e-6)
    for start in range(len(values)):
        assert sum(residual[start:]) <= 1e-9
    assert sum(residual) == pytest.approx(0, abs=1e-9)


def test_edges_of_one_node_share_a_lane() -> None:
    nodes = ["s", "m", "n", *"abc"]
    edges = [("s", "m"), ("m", "n"), *(("n", x) for x in "abc"), *(("s", x) for x in "abc")]
    drawing = draw_layered(dict.fromkeys(nodes, (40.0, 20.0)), edges)
    passing = {drawing.routes["s", x][1:-1] for x in "abc"}
    assert len(passing) == 1
    assert len(passing.pop()) == 4  # through both sides of two layers


def test_nodes_without_edges_stand_in_rows_below() -> None:
    alone = [f"x{n}" for n in range(30)]
    sizes = dict.fromkeys(["a", "b", *alone], (60.0, 20.0))
    drawing = draw_layered(sizes, [("a", "b")])
    below = max(drawing.centres[node][1] for node in "ab") + 20
    assert all(drawing.centres[node][1] >= below for node in alone)
    assert len({drawing.centres[node] for node in alone}) == 30
    assert drawing.width <= 700
    assert drawing.height >= max(y for _, y in drawing.centres.values()) + 10
