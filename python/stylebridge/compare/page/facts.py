"""What a model file says of itself: how many parameters, and for which opset it was written."""

from __future__ import annotations

import math
from pathlib import Path

from stylebridge.card import read_card
from stylebridge.errors import StylebridgeError


def facts_of(file: Path) -> tuple[str, str]:
    """Parameters and opset, as a table shows them; empty where that can't be told."""
    try:
        return _from_onnx(file) if file.suffix.lower() == ".onnx" else _from_checkpoint(file)
    except (StylebridgeError, ModuleNotFoundError):
        return "", ""  # its column says why it can't be opened


def _from_onnx(file: Path) -> tuple[str, str]:
    """From its card; without one, its constant tensors are counted, which may be a few more."""
    card = read_card(file)
    if card is not None:
        return f"{card.parameters:,}", str(card.opset)
    from stylebridge.opcheck.graph import load_model

    model = load_model(file)
    count = sum(math.prod(tensor.dims) for tensor in model.graph.initializer if len(tensor.dims))
    opset = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 0)
    return f"{count:,}", str(opset) if opset else ""


def _from_checkpoint(file: Path) -> tuple[str, str]:
    from stylebridge.nets.checkpoint import load_network
    from stylebridge.nets.registry import parameter_count

    return f"{parameter_count(load_network(file).module):,}", ""
