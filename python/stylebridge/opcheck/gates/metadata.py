"""Metadata: Barracuda wants each key once."""

from __future__ import annotations

from collections import Counter

from stylebridge.opcheck.model_site import ModelSite


def barracuda(site: ModelSite) -> None:
    """Keys are put into a table that takes none twice; releases before 2.0 did not read them."""
    if not site.since("2.0.0"):
        return
    for key, count in Counter(entry.key for entry in site.graph.model.metadata_props).items():
        if count > 1:
            site.rejects(key, f"the metadata has this key {count} times", "keep one of them")
