"""Is preprocessing the culprit? The numbers that two sides gave their networks, and the contract that explains them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from stylebridge.compare.contract_search import CANDIDATE_RANGES, MULTIPLES
from stylebridge.contract import FloatArray, PixelContract, Side
from stylebridge.frame import Frame

EXACT_LEVELS = 0.75  # of 255; a texture of bytes rounds by half of one
NEAR_LEVELS = 6.0

InputVerdict = Literal["equal", "as its contract says", "explained", "unexplained", "unknown"]


@dataclass(frozen=True)
class InputCheck:
    """What one side gave its network, compared with what the reference gave."""

    verdict: InputVerdict
    words: str
    max_abs: float | None = None
    mean_abs: float | None = None
    contract: PixelContract | None = None  # that makes these numbers of the frame

    @property
    def is_culprit(self) -> bool:
        """Whether the difference begins before the network."""
        return self.verdict in ("explained", "unexplained")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        numbers = {"max_abs": self.max_abs, "mean_abs": self.mean_abs}
        contract = self.contract.as_dict() if self.contract else None
        return {"verdict": self.verdict, "words": self.words, **numbers, "contract": contract}


def check_input(
    frame: Frame,
    reference: FloatArray | None,
    meant: PixelContract | None,
    given: FloatArray | None,
    declared: PixelContract | None,
) -> InputCheck:
    """Compare the numbers given to a network with the reference's; `declared` is what they should follow."""
    if given is None or reference is None or meant is None:
        return InputCheck("unknown", "what went into the network isn't known, only what was shown")
    apart = np.abs(given - reference) if given.shape == reference.shape else None
    worst, mean = (None, None) if apart is None else (float(apart.max()), float(apart.mean()))
    if apart is not None and np.array_equal(given, reference):
        return InputCheck("equal", "equal in every number", 0.0, 0.0, meant)
    if declared is not None and declared.input != meant.input:
        same = declared.to_tensor(frame)
        if same.shape == given.shape and np.array_equal(same, given):
            words = f"other numbers for the same picture, as its contract says: {declared.input}, not {meant.input}"
            return InputCheck("as its contract says", words, worst, mean, declared)
    found = explain_input(frame, given, meant)
    if found is None:
        words = f"no contract explains them: shape {list(given.shape)}, {given.min():.4g} to {given.max():.4g}"
        return InputCheck("unexplained", words, worst, mean)
    contract, levels, flipped = found
    if contract.input == meant.input and not flipped and levels <= EXACT_LEVELS:
        return InputCheck("equal", f"equal but for rounding (at most {levels:.2g} levels)", worst, mean, contract)
    words = f"they are {contract.input}{flipped}, where {meant.input} is meant"
    words += "" if levels <= EXACT_LEVELS else f" (and {levels:.1f} levels of 255 apart from that on average)"
    return InputCheck("explained", words, worst, mean, contract)


def explain_input(frame: Frame, given: FloatArray, meant: PixelContract) -> tuple[PixelContract, float, str] | None:
    """The contract that makes these numbers of the frame, by how many levels it misses, and whether columns flip."""
    best: tuple[float, int, PixelContract, str] | None = None
    for order, contract in enumerate(_candidates(frame, given, meant)):
        numbers = contract.to_tensor(frame)
        if numbers.shape != given.shape:
            continue
        axis = 3 if contract.input.layout == "nchw" else 2
        scale = 255 / contract.input.numbers.peak * float(np.mean(contract.input.numbers.std))
        for flipped, other in (("", numbers), (" with the columns flipped", np.flip(numbers, axis))):
            levels = float(np.abs(given - other).mean(dtype=np.float64)) * scale
            if best is None or (levels, order) < (best[0] - 1e-6, best[1]):
                best = (levels, order, contract, flipped)
    if best is None or not best[0] <= NEAR_LEVELS:
        return None
    return best[2], best[0], best[3]


def _candidates(frame: Frame, given: FloatArray, meant: PixelContract) -> Iterator[PixelContract]:
    """The meant contract first, then its plain relatives that give the network this size."""
    yield meant
    layout: Literal["nchw", "nhwc"] = "nhwc" if given.shape[3] == 3 and given.shape[1] != 3 else "nchw"
    size = given.shape[1:3] if layout == "nhwc" else given.shape[2:]
    fits: list[tuple[int, Literal["pad", "resize"]]] = [(meant.multiple, meant.fit)]
    fits += [(m, fit) for m in MULTIPLES for fit in ("pad", "resize")]
    fitting = (
        fit for fit in fits if PixelContract(multiple=fit[0], fit=fit[1]).fitted_size(*frame.color.shape[:2]) == size
    )
    multiple, way = next(fitting, fits[0])
    for color, rows, channels, numbers in itertools.product(
        ("srgb", "linear"), ("top", "bottom"), ("rgb", "bgr"), CANDIDATE_RANGES
    ):
        side = Side(range=numbers, channels=channels, layout=layout, rows=rows, color=color)  # type: ignore[arg-type]
        yield PixelContract(input=side, output=side, multiple=multiple, fit=way)
