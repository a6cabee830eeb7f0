"""What an importer reads from the file: parameters that it wants stored, and outputs that it never makes."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

FOLD = "fold constants: stylebridge fix"


def stored(site: Site, index: int) -> Array | None:
    """The numbers of an input as Barracuda's importer holds them; before 1.3.3 it worked out constant subgraphs too."""
    found = site.constant(index)
    if found is None and not site.since("1.3.3"):
        found = site.value(index)
    return found


def feed_stored(site: Site, index: int, numbers: Array) -> None:
    """Let the emulation read these numbers, where it doesn't read them already."""
    if site.constant(index) is None:
        site.set_input(index, site.const(numbers))


def stored_vector(site: Site, index: int) -> Array | None:
    """The same where the importer wants one dimension; whatever has more or fewer counts as not stored."""
    found = stored(site, index)
    return found if found is not None and found.ndim == 1 else None


def vector_or(site: Site, index: int, size: int, default: float) -> bool:
    """Put a default in the place of a vector that isn't stored; whether the file gives one there."""
    if stored_vector(site, index) is not None:
        return False
    given = site.present(index)
    site.set_input(index, site.const(np.full(size, default)))
    return given


def makes_only_the_first_output(site: Site, kept_nodes: bool = True) -> None:
    """Further outputs don't exist in the engine: harmless where nobody uses them."""
    for node in site.nodes if kept_nodes else ():
        del node.output[1:]
    for name in filter(None, site.node.outputs[1:]):
        if name in site.graph.users:
            site.rejects(f"its output {name} is never made, and another node needs it", "use only the first output")
        elif any(name == output.name for output in site.graph.outputs):
            _output_missing(site, name)


def _output_missing(site: Site, name: str) -> None:
    reason, remedy = f"its output {name} is never made", "take it out of the model's outputs"
    if site.target.line == "barracuda":
        site.throws(reason, remedy)
    elif not site.since("1.4"):
        site.rejects(reason, remedy)
    else:
        site.alters(reason, remedy, warned=site.since("2.4"))
        site.loses(name)
