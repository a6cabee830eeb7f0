"""Outputs: those that nobody makes, that are named twice, or that are nothing but stored numbers."""

from __future__ import annotations

from collections import Counter

from stylebridge.opcheck.model_site import ModelSite

_IDENTITY = "put an Identity before the output"


def barracuda(site: ModelSite) -> None:
    """Imports with a warning, then has nothing to give out."""
    for name in _unmade(site):
        site.throws(name, "an output that nobody makes", "take it out of the outputs")
    for name, count in Counter(output.name for output in site.graph.outputs).items():
        if count > 1 and site.since("1.3.3"):
            site.warns(name, f"an output named {count} times")


def sentis(site: ModelSite) -> None:
    """Left out without a word, save in 2.4; 1.4 also leaves out stored numbers."""
    for name in _unmade(site):
        site.loses(name)
        site.alters(name, "an output that nobody makes is left out", warned=site.since("2.4.0"))
    if not site.since("1.4.0") or site.since("1.5.0"):
        return
    for output in site.graph.outputs:
        producer = site.graph.producers.get(output.name)
        if output.name in site.graph.initializers or (producer is not None and producer.op == "Constant"):
            site.loses(output.name)
            site.alters(output.name, "an output that is a stored tensor is left out", _IDENTITY)


def _unmade(site: ModelSite) -> list[str]:
    made = {*site.graph.producers, *site.graph.initializers, *(value.name for value in site.graph.inputs)}
    return [output.name for output in site.graph.outputs if output.name not in made]
