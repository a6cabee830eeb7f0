"""Einsum: Sentis turns what it can into a matrix product, and puts the axes of the result back in a wrong order."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour.einsum_terms import Product, Terms, as_product, parse_terms
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.graph import shape_of
from stylebridge.opcheck.site import Site

OPERATORS = ("Einsum",)
_REMEDY = "write it with MatMul and Transpose"


def sentis(site: Site) -> None:
    """Equations that aren't a product of two matrices are computed one number after the other, and right."""
    inputs = range(len(site.node.inputs))
    if not needs_float(site, *inputs):
        return
    shapes = [site.shape(index) for index in inputs]
    ranks = [len(shape) for shape in shapes if shape is not None]
    terms = parse_terms(str(site.node.attr("equation", "")), ranks) if len(ranks) == len(shapes) else None
    product = as_product(terms) if terms is not None else None
    if terms is None or product is None:
        return
    sizes = _sizes(terms, [shape for shape in shapes if shape is not None])
    if _is_regrouped(*product.groups) and (None in sizes.values() or _leaves_sizes_open(site)):
        return
    if not site.since("1.3"):
        _first_release(site, terms, product)
    else:
        _misplaced(site, terms, product, sizes)


def _is_regrouped(*groups: tuple[str, ...]) -> bool:
    """Whether axes have to be merged, or one of size 1 to be added."""
    return any(len(group) != 1 for grouped in groups for group in grouped)


def _leaves_sizes_open(site: Site) -> bool:
    """The importer merges axes only where it knows their sizes; it sees the file's, not those of a run."""
    return any(None in shape_of(value) for value in site.graph.inputs)


def _sizes(terms: Terms, shapes: list[tuple[int | None, ...]]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for term, shape in zip(terms.operands, shapes, strict=True):
        for label, size in zip(term, shape, strict=True):
            if found.get(label) in (None, 1):
                found[label] = size
    return found


def _first_release(site: Site, terms: Terms, product: Product) -> None:
    """1.2 loses the layers that it inserts before and after the product."""
    wanted = ["".join(groups) for groups in product.groups]
    if _is_regrouped(*product.groups) or wanted != [*terms.operands, terms.output]:
        site.throws("its operands would have to be transposed or reshaped for a matrix product", _REMEDY)


def _misplaced(site: Site, terms: Terms, product: Product, sizes: dict[str, int | None]) -> None:
    """The product's axes are moved by the inverse of the permutation that is needed."""
    made = "".join(product.groups[2])
    to_made = [made.index(label) for label in terms.output]
    applied = [terms.output.index(label) for label in made]
    if applied == to_made:
        return
    site.nodes = []
    operands = ",".join(terms.operands)
    whole = site.op("Einsum", list(site.node.inputs), equation=f"{operands}->{made}")
    if _is_regrouped(product.groups[2]):
        shape = [int(sizes[terms.output[axis]] or 1) for axis in to_made]
        whole = site.op("Reshape", [whole, site.const(shape, np.int64)])
    site.op("Transpose", [whole], list(site.node.outputs), perm=applied)
    site.alters_if_different(
        f"the axes of {terms.output} are put back in a wrong order after the matrix product", _REMEDY, "equation"
    )
