"""ConstantOfShape and Range: made at import where everything is known; Barracuda makes no range while it runs."""

from __future__ import annotations

import numpy as np
from onnx import numpy_helper

from stylebridge.opcheck.behaviour.encodings import Refused, barracuda_reads, sentis_reads
from stylebridge.opcheck.site import Site

OPERATORS = ("ConstantOfShape", "Range")


def barracuda(site: Site) -> None:
    """A range must be known; a filled tensor need not."""
    if site.node.op == "ConstantOfShape":
        _filled(site)
    elif all(site.constant(index) is not None for index in range(3)):
        start, limit, delta = (float(np.asarray(site.constant(index)).ravel()[0]) for index in range(3))
        site.becomes_constant(np.arange(start, limit, delta).astype(np.float32))
    elif any(site.value(index) is None for index in range(3)):
        site.throws("its bounds aren't known before it runs", "fold constants: stylebridge fix")


def sentis(site: Site) -> None:
    """Only the stored value can be in a form that isn't read."""
    if site.node.op == "ConstantOfShape":
        _filled(site)


def _filled(site: Site) -> None:
    written = site.node.raw("value")
    if written is None or not written.HasField("t"):
        return
    try:
        if site.target.line == "barracuda":
            numbers, note = barracuda_reads(written.t)
        else:
            numbers, note = sentis_reads(written.t, strict=site.since("2.4.0"))
    except Refused as refusal:
        site.rejects(str(refusal), "store it as float32", "value")
        return
    if note:
        site.set(value=numpy_helper.from_array(numbers))
        site.alters(note, "store it as float32", "value")
