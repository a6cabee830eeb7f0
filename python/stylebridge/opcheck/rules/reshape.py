"""Reshape: Barracuda copies a 0 from one of its own eight dimensions; before 1.3.3 it reshaped what lies in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.opcheck.behaviour import early
from stylebridge.opcheck.behaviour.flattening import is_left_to_products
from stylebridge.opcheck.behaviour.slots import FILE_ORDER, MAX_RANK
from stylebridge.opcheck.graph import shape_of
from stylebridge.opcheck.site import Site

OPERATORS = ("Reshape",)
_SENTIS_MAX_RANK = 8
_LATE_RANK = 4
_REMEDY = "give the shape as a constant: stylebridge fix"


def barracuda(site: Site) -> None:
    """Constants are reshaped at import; everything else moves to the file's order and back."""
    target = _target(site)
    if target is not None and (len(target) > MAX_RANK or not target):
        site.rejects(f"a shape of rank {len(target)}", f"at most {MAX_RANK} dimensions", "shape")
        return
    if site.since("1.3.3"):
        _standard(site, target)
    else:
        _early(site, target)


def sentis(site: Site) -> None:
    """The opset says where the shape is looked for; ranks go up to 8."""
    opset = site.graph.opset or 15
    if opset >= 5 and not site.present(1):
        site.rejects("from opset 5 on the shape is an input, and there is none", "export it again", "shape")
        return
    target = _target(site)
    if target is not None and len(target) > _SENTIS_MAX_RANK:
        site.rejects(f"a shape of rank {len(target)}", f"at most {_SENTIS_MAX_RANK} dimensions", "shape")


def _target(site: Site) -> list[int] | None:
    numbers = site.value(1) if site.present(1) else site.node.attr("shape")
    return None if numbers is None else [int(n) for n in np.asarray(numbers).ravel()]


def _standard(site: Site, target: list[int] | None) -> None:
    numbers = site.constant(0)
    if not _is_known_at_import(site):
        length = site.full_shape(1)
        if length is not None and length[0] > _LATE_RANK:
            site.throws(
                f"a shape of rank {length[0]} that isn't known before it runs", "fix the input's sizes", "shape"
            )
        elif target is None and site.full_shape(0) is not None:
            site.warns("its shape isn't known before it runs")
    if target is None:
        return
    if numbers is not None and (site.constant(1) is not None or not site.present(1)):
        if 0 in target:
            site.rejects("a 0 in the shape of a constant", "write the size", "shape")
        else:
            site.becomes_constant(numbers.reshape(target))
        return
    shape, full = site.shape(0), site.full_shape(0)
    if full is not None and 0 not in target and not _possible(target, full):
        site.throws(
            f"after what happened before it, {list(full)} can't be reshaped to {target}", "see the nodes before"
        )
        return
    if shape is None or 0 not in target:
        return
    copied = _with_copies(target, shape)
    if copied == _with_copies_as_written(target, shape):
        site.set(allowzero=None)
        if site.node.attr("allowzero", 0):
            site.alters_if_different("a 0 always copies the size", "write the size", "allowzero")
        return
    _reshape_to(site, copied)


def _is_known_at_import(site: Site) -> bool:
    """Stored, or worked out from sizes that the file leaves no input open for (the batch counts as 1)."""
    if not site.present(1) or site.constant(1) is not None:
        return True
    opened = (None in shape_of(value)[1:] for value in site.graph.inputs)
    return site.value(1) is not None and not any(opened)


def _reshape_to(site: Site, sizes: list[int]) -> None:
    reason = f"a 0 copies from another dimension than the file means: {sizes}"
    shape = site.full_shape(0)
    if shape is not None and not _possible(sizes, shape):
        site.throws(reason, "write the sizes", "shape")
        return
    site.set_input(1, site.const(sizes, np.int64))
    site.alters_if_different(reason, "write the sizes", "shape")


def _with_copies(target: Sequence[int], shape: Sequence[int | None]) -> list[int]:
    """Every 0 replaced by the size in the same one of the eight dimensions (0 stays where that isn't known)."""
    own, new = FILE_ORDER.get(len(shape), ()), FILE_ORDER[len(target)]
    sizes = []
    for place, size in enumerate(target):
        if size == 0:
            size = (shape[own.index(new[place])] or 0) if new[place] in own else 1
        sizes.append(size)
    return sizes


def _with_copies_as_written(target: Sequence[int], shape: Sequence[int | None]) -> list[int]:
    return [(shape[i] or 0) if size == 0 and i < len(shape) else size for i, size in enumerate(target)]


def _possible(sizes: Sequence[int], shape: Sequence[int]) -> bool:
    total = int(np.prod(shape, dtype=np.int64))
    given = int(np.prod([size for size in sizes if size >= 0], dtype=np.int64))
    return total == given if -1 not in sizes else given > 0 and total % given == 0


def _early(site: Site, target: list[int] | None) -> None:
    """The shape must be a constant, and is applied to what lies in memory."""
    if site.present(1) and site.constant(1) is None:
        site.rejects("its shape is computed, not stored", _REMEDY, "shape")
        return
    if target is None or not early.fits(len(target)):
        site.rejects("more than 4 dimensions", "reshape to at most 4 dimensions", "shape")
        return
    numbers = site.constant(0)
    if numbers is not None:
        site.becomes_constant(numbers.reshape([s or numbers.shape[i] for i, s in enumerate(target)]))
        return
    if target.count(-1) > 1:
        site.throws("several sizes are left open", _REMEDY, "shape")
        return
    shape = site.shape(0)
    if shape is None:
        return
    if len(shape) > early.MAX_RANK:
        site.rejects(f"an input of rank {len(shape)}", "at most 4 dimensions")
        return
    # An open batch stays a 0, which copies it in memory's order too.
    sizes = [(shape[i] or -min(i, 1)) if s == 0 and i < len(shape) else s for i, s in enumerate(target)]
    site.nodes = []
    raw = early.to_memory(site, site.node.input(0), len(shape))
    made = site.op("Reshape", [raw, site.const(early.memory_shape(sizes), np.int64)])
    early.from_memory(site, made, len(target), site.node.outputs[0])
    if is_left_to_products(site):
        return
    if not early.is_renamed_again(site.graph, site.node) and not early.comes_out_right(site, sizes):
        site.alters("it reshapes the tensor as it lies in memory, channels last", "use a newer Barracuda")
