"""Soundness: what no engine and no check can read as a model, refused before anything looks at it."""

from __future__ import annotations

import onnx

from stylebridge.errors import InputError

NAMED = 3  # nodes of a circle that a refusal names


def refuse_unsound(model: onnx.ModelProto, where: object = "") -> None:
    """Raise where there is no graph, or nodes that wait for each other."""
    graph = model.graph
    if not graph.node and not graph.output:
        raise InputError("no graph in it", expected="an ONNX model", do="export it again", where=where)
    waiting = _circle(graph)
    if waiting:
        names = [" ".join(filter(None, (node.op_type, node.name or next(iter(node.output), "")))) for node in waiting]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        raise InputError(
            f"nodes that wait for each other: {', '.join(names[:NAMED])}{more}",
            expected="a graph without circles",
            do="export it again",
            where=where,
        )


def _circle(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The nodes that can't run although somebody makes all their inputs: a circle, and what hangs on it."""
    producers = {name: index for index, node in enumerate(graph.node) for name in node.output if name}
    given = {value.name for value in (*graph.input, *graph.initializer)}
    users: dict[int, list[int]] = {}
    missing = [0] * len(graph.node)
    for index, node in enumerate(graph.node):
        for name in {name for name in node.input if name in producers and name not in given}:
            users.setdefault(producers[name], []).append(index)
            missing[index] += 1
    ready = [index for index, count in enumerate(missing) if count == 0]
    while ready:
        for user in users.get(ready.pop(), ()):
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)
    return [node for node, count in zip(graph.node, missing, strict=True) if count]
