"""Real numbers made whole and real again: cut by arithmetic, since engines keep few number types."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.preparations import Prepared
from stylebridge.opcheck.fix.workshop import Workshop, float_tensor
from stylebridge.opcheck.graph import Node


def by_arithmetic(shop: Workshop) -> Prepared:
    """Casts to whole numbers and back as arithmetic on real ones."""
    made: list[onnx.NodeProto] = []
    count = 0
    for node in shop.graph.nodes:
        chain = _chain(shop, node)
        if len(chain) < 2 or not shop.complained.intersection(one.label for one in chain):
            made.append(node.proto)
            continue
        job = Job(node, shop)
        made.extend(job.finished([_cut(job, chain)], "cut"))
        for name, numbers in job.stored.items():
            shop.model.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(numbers, order="C"), name))
        count += 1
    if not count:
        return Prepared()
    shop.set_nodes(made)
    shop.sweep()
    return Prepared(f"{count} cast{'s' if count > 1 else ''} to whole numbers and back done by arithmetic")


def _chain(shop: Workshop, node: Node) -> list[Node]:
    """The casts that lead from real numbers to this one, which gives real ones again."""
    if node.op != "Cast" or not float_tensor(int(node.attr("to", 1))):
        return []
    chain = [node]
    while True:
        before = shop.graph.producers.get(chain[0].input(0))
        if before is None or before.op != "Cast" or float_tensor(int(before.attr("to", 1))):
            break
        chain.insert(0, before)
    return chain if float_tensor(shop.dtype(chain[0].input(0))) else []


def _cut(job: Job, chain: list[Node]) -> str:
    x = chain[0].input(0)
    for node in chain[:-1]:
        kind = helper.tensor_dtype_to_np_dtype(int(node.attr("to")))
        if kind.kind == "b":
            x = str(job.op("Abs", job.op("Sign", x)))
            continue
        x = str(job.op("Mul", job.op("Sign", x), job.op("Floor", job.op("Abs", x))))
        if kind.itemsize <= 2:
            x = _wrapped(job, x, kind)
    return x


def _wrapped(job: Job, x: str, kind: np.dtype[Any]) -> str:
    span, low = float(2 ** (8 * kind.itemsize)), float(np.iinfo(kind).min)
    raised = job.op("Sub", x, job.const(low, np.float32))
    turns = job.op("Floor", job.op("Mul", raised, job.const(1 / span, np.float32)))
    return str(job.op("Sub", x, job.op("Mul", turns, job.const(span, np.float32))))
