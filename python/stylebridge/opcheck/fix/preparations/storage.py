"""How numbers lie in the file: as plain bytes of a type that importers read, in initializers."""

from __future__ import annotations

import numpy as np
import onnx

from stylebridge.opcheck.fix.preparations import Prepared
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.graph import Array, Node, tensor_array

MAX_DENSE = 1 << 28  # elements of a sparse constant that is written in full
_VALUES = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}


def written_plainly(shop: Workshop) -> Prepared:
    """Initializers as raw bytes; Constant nodes and sparse constants as initializers; metadata keys once each."""
    moved = _constants(shop)
    packed = [i for i in shop.model.graph.initializer if not i.HasField("raw_data") and i.data_type != _STRING]
    shop.store({i.name: tensor_array(i) for i in packed})
    sparse = _sparse(shop)
    once = _metadata(shop)
    said = [
        f"{moved} Constant node{'s' if moved > 1 else ''} stored as initializers" if moved else "",
        f"{len(packed)} initializer{'s' if len(packed) > 1 else ''} stored as plain bytes" if packed else "",
        f"{sparse} sparse constant{'s' if sparse > 1 else ''} written in full" if sparse else "",
        f"{once} repeated metadata key{'s' if once > 1 else ''} dropped" if once else "",
    ]
    return Prepared(", ".join(filter(None, said)))


_STRING = onnx.TensorProto.STRING


def _constants(shop: Workshop) -> int:
    stored: dict[str, Array] = {}
    outputs = {output.name for output in shop.model.graph.output}
    kept = []
    for node in shop.graph.nodes:
        numbers = _numbers(node) if node.op == "Constant" else None
        if numbers is None or (node.outputs[0] in outputs and not _unusual(node)):
            kept.append(node.proto)
        elif node.outputs[0] in outputs:
            name = shop.fresh(f"{node.outputs[0]}/constant")
            stored[name] = numbers
            kept.append(onnx.helper.make_node("Identity", [name], [node.outputs[0]], name=node.label))
        else:
            stored[node.outputs[0]] = numbers
    if stored:
        shop.set_nodes(kept)
        shop.store(stored)
    return len(stored)


def _unusual(node: Node) -> bool:
    return not node.has("value")


def _numbers(node: Node) -> Array | None:
    for name, dtype in _VALUES.items():
        if node.has(name):
            return np.asarray(node.attr(name), dtype)
    value = node.raw("value")
    if value is not None and value.t.data_type != _STRING:
        return tensor_array(value.t)
    return None


def _sparse(shop: Workshop) -> int:
    dense: dict[str, Array] = {}
    for tensor in shop.model.graph.sparse_initializer:
        shape = tuple(tensor.dims)
        if int(np.prod(shape, dtype=np.float64)) > MAX_DENSE:
            continue
        values, places = tensor_array(tensor.values), tensor_array(tensor.indices)
        flat = np.zeros(int(np.prod(shape)), values.dtype)
        flat[places if places.ndim == 1 else np.ravel_multi_index(tuple(places.T), shape)] = values
        dense[tensor.values.name] = flat.reshape(shape)
    left = [t for t in shop.model.graph.sparse_initializer if t.values.name not in dense]
    copies = [onnx.SparseTensorProto.FromString(t.SerializeToString()) for t in left]
    del shop.model.graph.sparse_initializer[:]
    shop.model.graph.sparse_initializer.extend(copies)
    shop.store(dense)
    return len(dense)


def _metadata(shop: Workshop) -> int:
    entries = {p.key: p.value for p in shop.model.metadata_props}
    extra = len(shop.model.metadata_props) - len(entries)
    if extra:
        del shop.model.metadata_props[:]
        for key, value in entries.items():
            shop.model.metadata_props.add(key=key, value=value)
    return extra
