"""Which tensor of one network is which of another: by name, by the module's name inside the file, or by order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from stylebridge.compare.diagnosis.tapped import Point, Tapped

Pair = tuple[Point, Point]


def matched(a: Tapped, b: Tapped) -> list[Pair]:
    """Pairs of tensors that should hold the same numbers, in the order in which the first network makes them."""
    if a.is_graph and b.is_graph:
        by_name = {point.name: point for point in b.points}
        same = [(point, by_name[point.name]) for point in a.points if point.name in by_name]
        if len(same) > 1 or min(len(a.points), len(b.points)) <= 1:
            return same
    elif a.is_graph != b.is_graph:
        named = [(y, x) for x, y in _by_module(b, a)] if a.is_graph else list(_by_module(a, b))
        if named:
            return named
    return _by_order(a.shaped(), b.shaped())


def entering(a: Tapped, b: Tapped, pairs: Sequence[Pair]) -> Pair | None:
    """What enters the first pair, where a file makes that from its input by layers that the module doesn't have."""
    if a.is_graph == b.is_graph:
        return None
    x, y = pairs[0]
    module, point = (y, x) if a.is_graph else (x, y)
    graph = a if a.is_graph else b
    source = next((each for each in graph.points if each.name in point.inputs), None)
    if source is None:
        return None
    given = Point(f"into {module.name}", source.op, module.name)
    return (source, given) if a.is_graph else (given, source)


def beyond(tapped: Tapped, pairs: Sequence[Pair], side: int) -> list[Point]:
    """The points of one network behind its last that has a partner."""
    places = {point.name: index for index, point in enumerate(tapped.points)}
    last = max(places[pair[side].name] for pair in pairs)
    return list(tapped.points[last + 1 :])


def _by_module(modules: Tapped, graph: Tapped) -> Iterator[Pair]:
    """Exported files keep the module's name in the names of its weights and of its node."""
    paths: dict[str, list[Point]] = {}
    for point in graph.points:
        for path in {*_paths_of_weights(point), path_of_node(point.node)}:
            for tail in _tails(path):
                paths.setdefault(tail, []).append(point)
    operators = {point.op for point in graph.points}
    for index, module in enumerate(modules.points):
        found = next((point for point in paths.get(module.name, ()) if point.op == module.op), None)
        if found is None:
            continue
        following = modules.points[index + 1] if index + 1 < len(modules.points) else None
        if following is not None and _is_folded(found, following, paths, operators):
            yield following, found
        else:
            yield module, found


def _is_folded(found: Point, following: Point, paths: dict[str, list[Point]], operators: set[str]) -> bool:
    """A batch norm behind a convolution goes into its weights, which lose their name by that."""
    if found.op != "Conv" or following.op != "BatchNormalization":
        return False
    kept = any(point.op == "BatchNormalization" for point in paths.get(following.name, ()))
    return not kept or "BatchNormalization" not in operators


def _by_order(a: Sequence[Point], b: Sequence[Point]) -> list[Pair]:
    """The longest runs of tensors with equal operators and shapes."""
    shared = {point.op for point in a if point.op} & {point.op for point in b if point.op}
    ones, others = ([point for point in points if not shared or point.op in shared] for points in (a, b))
    keys, other_keys = ([_key(point, bool(shared)) for point in points] for points in (ones, others))
    blocks = SequenceMatcher(None, keys, other_keys, autojunk=False).get_matching_blocks()
    return [(ones[block.a + k], others[block.b + k]) for block in blocks for k in range(block.size)]


def _key(point: Point, with_op: bool) -> tuple[str, tuple[int, ...] | None]:
    return point.op if with_op else "", point.shape


def _paths_of_weights(point: Point) -> Iterator[str]:
    for name in point.weights:
        path, dot, last = name.rpartition(".")
        if dot and last in ("weight", "bias"):
            yield path


def path_of_node(node: str) -> str:
    """The module that a node's name tells of: /net/blocks/blocks.0/conv/Conv is net.blocks.0.conv."""
    parts: list[str] = []
    for part in node.split("/")[:-1]:
        if parts and part.startswith(parts[-1] + "."):
            parts[-1] = part
        elif part:
            parts.append(part)
    return ".".join(parts)


def _tails(path: str) -> Iterator[str]:
    """The path itself and what is left of it without its outer modules."""
    while path:
        yield path
        path = path.partition(".")[2]
