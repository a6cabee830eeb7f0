"""Cast and CastLike: Barracuda passes the numbers on, Sentis knows two types to cast to."""

from __future__ import annotations

from onnx import TensorProto

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.site import Site

OPERATORS = ("Cast", "CastLike")
_NO_NUMBERS = (TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.COMPLEX128)


def barracuda(site: Site) -> None:
    """Everything is a float and stays as it is."""
    if bake(site):
        return
    wanted = _wanted(site)
    site.becomes("Identity", [site.node.input(0)])
    site.alters_if_different(
        f"a cast does nothing: numbers cast to {_word(wanted)} keep their fraction, sign and size",
        "round with Floor, or compare with Greater, before it",
        attribute="to",
    )


def sentis(site: Site) -> None:
    """To float, or to int by cutting the fraction off; narrower types are not imitated."""
    wanted = _wanted(site)
    if wanted in _NO_NUMBERS or wanted not in TensorProto.DataType.values():
        site.rejects(f"it casts to {_word(wanted)}, which the engine does not hold", attribute="to")
        return
    site.becomes("Cast", [site.node.input(0)], to=site.draft.home(wanted))
    kept = "float32" if site.draft.home(wanted) == TensorProto.FLOAT else "int32, the fraction cut off"
    site.alters_if_different(
        f"a cast to {_word(wanted)} gives {kept}: no wrapping, no rounding, no truth values",
        "compare with Greater or Equal to get truth values; clip or round before it",
        attribute="to",
    )


def _wanted(site: Site) -> int:
    if site.node.op == "Cast":
        return int(site.node.attr("to", TensorProto.FLOAT))
    return site.graph.element_types.get(site.node.input(1), TensorProto.FLOAT)


def _word(kind: int) -> str:
    known = kind in TensorProto.DataType.values()
    return TensorProto.DataType.Name(TensorProto.DataType.ValueType(kind)).lower() if known else f"type {kind}"
