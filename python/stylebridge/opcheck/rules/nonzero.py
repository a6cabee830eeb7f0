"""NonZero: Barracuda says that the result's shape is not known before it runs."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.site import Site

OPERATORS = ("NonZero",)


def barracuda(site: Site) -> None:
    """Constants are worked out at import."""
    numbers = site.constant(0)
    if numbers is not None:
        site.becomes_constant(np.array(np.nonzero(numbers), np.int64))
    else:
        site.warns("its shape isn't known before it runs")
