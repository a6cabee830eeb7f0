"""ScatterND: by its code, Barracuda scatters along the channels only, and asserts sizes that ONNX does not ask for."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.slots import CHANNELS_LAST
from stylebridge.opcheck.site import Site

OPERATORS = ("ScatterND",)
_REMEDY = "use Where with a mask, or Concat"
_BATCH, _HEIGHT, _WIDTH = 2, 5, 6


def barracuda(site: Site) -> None:
    """Indices as many as the batch, updates as high and wide as the data."""
    data, indices, updates = (_slots(site, index) for index in range(3))
    if data is None or indices is None or updates is None:
        return
    if indices[_BATCH] != data[_BATCH] or any(updates[slot] != data[slot] for slot in (_HEIGHT, _WIDTH)):
        site.throws("its indices and updates don't have the data's batch, height and width", _REMEDY, "indices")
    elif site.rank(0) != 1:
        site.alters("it scatters along the channels only", _REMEDY, "indices")


def _slots(site: Site, index: int) -> dict[int, int] | None:
    shape = site.full_shape(index)
    if shape is None or len(shape) not in CHANNELS_LAST:
        return None
    return dict.fromkeys(range(8), 1) | dict(zip(CHANNELS_LAST[len(shape)], shape, strict=True))
