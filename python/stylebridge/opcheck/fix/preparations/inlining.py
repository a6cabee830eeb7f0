"""Functions of the model's own, branches that are never taken, and nodes that nobody reads."""

from __future__ import annotations

import onnx
from onnx import inliner

from stylebridge.opcheck.fix.preparations import Prepared
from stylebridge.opcheck.fix.workshop import Workshop


def local_functions(shop: Workshop) -> Prepared:
    """Put the body of each function in the place of its calls."""
    count = len(shop.model.functions)
    if not count:
        return Prepared()
    shop.take(inliner.inline_local_functions(shop.model, convert_version=False))
    return Prepared(f"{count} local function{'s' if count > 1 else ''} written out")


def dead_nodes(shop: Workshop) -> Prepared:
    """Take out what nobody reads."""
    gone = shop.sweep()
    return Prepared(f"{gone} node{'s' if gone > 1 else ''} that nobody reads taken out") if gone else Prepared()


def constant_branches(shop: Workshop) -> Prepared:
    """Put the branch that is always taken in the place of an If."""
    count = 0
    for node in shop.graph.nodes:
        if node.op != "If":
            continue
        decided = shop.constant(node.input(0))
        if decided is None:
            continue
        branch = node.attr("then_branch" if bool(decided.reshape(-1)[0]) else "else_branch")
        shop.set_nodes(_with_branch(shop, node.proto, branch))
        count += 1
    return Prepared(f"{count} If with a constant condition decided") if count else Prepared()


def _with_branch(shop: Workshop, taken: onnx.NodeProto, branch: onnx.GraphProto) -> list[onnx.NodeProto]:
    made = []
    shop.model.graph.initializer.extend(branch.initializer)
    for node in shop.model.graph.node:
        if node.name != taken.name:
            made.append(node)
            continue
        made.extend(branch.node)
        for inner, outer in zip(branch.output, taken.output, strict=True):
            made.append(onnx.helper.make_node("Identity", [inner.name], [outer], name=shop.fresh(f"{outer}/taken")))
    for node in made:
        node.name = node.name or shop.fresh(f"{node.output[0]}/inlined")
    return made
