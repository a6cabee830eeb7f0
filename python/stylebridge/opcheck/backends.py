"""Back ends: what code for the graphics processor lacks beside the measured CPU code; and what ONNX Runtime knows.

The former was not run. It is taken from the makers' tables of data types and from reading their shaders, and every
reason says so.
"""

from __future__ import annotations

from collections import Counter

from onnx import defs

from stylebridge.opcheck.evidence import promised
from stylebridge.opcheck.graph import DEFAULT_DOMAINS
from stylebridge.opcheck.site import Site
from stylebridge.targets import Target

DOCUMENTED = "documented, not measured"
READ = "known from reading, not measured"
_TITLES = {"compute": "Barracuda's compute shaders", "gpucompute": "GPUCompute", "gpupixel": "GPUPixel"}
_RUNTIME_DOMAINS = ("ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc")
_ON_CPU = "use the CPU back end, or replace it"


def gaps(site: Site) -> None:
    """Say what this node suffers on the target's back end beyond what it suffers on the CPU."""
    backend = site.target.backend
    if backend == "compute":
        _barracuda_compute(site)
    elif backend in ("gpucompute", "gpupixel"):
        _sentis(site, promised(site.node.op, site.target) or "")


def onnxruntime(site: Site) -> None:
    """ONNX Runtime takes what ONNX defines, its own additions, and functions that the model brings along."""
    domain, op = site.node.proto.domain, site.node.op
    own = {(function.domain, function.name) for function in site.graph.model.functions}
    standard = domain in DEFAULT_DOMAINS and defs.has(op)
    if not standard and domain not in _RUNTIME_DOMAINS and (domain, op) not in own:
        site.rejects(f"ONNX defines no {op}" + (f" of {domain}" if domain else ""), "export without it")
    elif standard and not site.graph.names_opset:
        site.rejects("the file names no opset to read it by", "export it again")


def is_documented_only(target: Target) -> bool:
    """Whether what is said about the target's back end rests on documents alone."""
    return target.backend in _TITLES


def _barracuda_compute(site: Site) -> None:
    shape = site.shape(1) if site.node.op == "PRelu" else None
    if shape is not None and any(size != 1 for size in shape):
        site.alters(
            f"its shader uses the first of the slopes for every channel ({READ})",
            "export with one slope: torch.nn.PReLU(num_parameters=1)",
            attribute="slope",
        )


def _sentis(site: Site, promise: str) -> None:
    title = _TITLES[site.target.backend]
    spatial = (site.rank(0) or 0) - 2
    if promise == "Not supported":
        _unsupported(site, title)
    elif "1D and 2D only" in promise and spatial > 2:
        site.notes(f"{title} pools over one or two dimensions: this runs on the CPU, after a readback ({DOCUMENTED})")
    elif "1D, 2D and 3D" in promise and spatial > 3:
        site.throws(f"{title} knows up to three spatial dimensions, not {spatial} ({DOCUMENTED})", _ON_CPU)
    elif "inputs only" in promise and len(site.node.inputs) > 2:
        site.throws(f"{title} takes one or two operands, not {len(site.node.inputs)} ({DOCUMENTED})", "split it in two")
    elif "no ScatterReductionMode" in promise and site.node.attr("reduction", "none") != "none":
        site.throws(f"{title} scatters without a reduction only ({DOCUMENTED})", _ON_CPU, attribute="reduction")
    elif "s not supported" in promise:
        site.notes(f"the textures of {title} hold neither infinities nor NaN: there is nothing to find ({DOCUMENTED})")
    if site.node.op == "GridSample" and "cubic" in site.node.attr("mode", ""):
        site.throws(f"{title} has no cubic sampling ({READ})", "use mode linear (bilinear)", attribute="mode")


def _unsupported(site: Site, title: str) -> None:
    """What neither GPU back end has is run on the CPU; what only GPUPixel lacks fails there."""
    other = Target(site.target.family, site.target.version, site.target.opset, "gpucompute")
    if promised(site.node.op, other) == "Not supported":
        site.notes(f"{title} has no {site.node.op}: it runs on the CPU, after a readback ({DOCUMENTED})")
    elif site.node.op != "Einsum" or not _becomes_matmul(site):
        site.throws(f"{title} has no {site.node.op} ({DOCUMENTED})", "use GPUCompute or the CPU, or replace it")


def _becomes_matmul(site: Site) -> bool:
    """Whether an Einsum is one that the engine rewrites as a MatMul, which GPUPixel has."""
    given, arrow, result = str(site.node.attr("equation", "")).replace(" ", "").replace("...", ".").partition("->")
    terms = given.split(",")
    if len(terms) != 2 or any(count > 1 for term in terms for count in Counter(term).values()):
        return False
    uses = Counter("".join(terms))
    if not arrow:
        result = "".join(index for index, count in uses.items() if count == 1 or index == ".")
    if any(count + (index in result) < 2 for index, count in uses.items()):
        return False  # an index of one operand alone, which is summed
    left, right = map(set, terms)
    groups = [left & right - set(result), left - right, right - left, left & right & set(result)]
    plain = all(len(group) == 1 and "." not in group for group in groups[:3]) and len(groups[3]) <= 1
    return plain or None not in (site.full_shape(0), site.full_shape(1))  # else it must reshape, to sizes it knows
