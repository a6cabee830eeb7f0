"""LSTM: Barracuda runs it forward, with the usual activations; Sentis knows all of it."""

from __future__ import annotations

from stylebridge.opcheck.site import Site

OPERATORS = ("LSTM",)
_STATES = 7  # inputs up to and with the initial cell
_DEFAULTS = {"activations": ["Sigmoid", "Tanh", "Tanh"], "direction": "forward"}
_UNREAD = ("activation_alpha", "activation_beta", "clip", "input_forget", "layout", *_DEFAULTS)


def barracuda(site: Site) -> None:
    """Attributes that aren't read give a warning where they are written."""
    if not site.since("1.3.3") and len(site.node.inputs) < _STATES:
        site.rejects("it has no initial states", "give it initial_h and initial_c as inputs", attribute="initial_h")
        return
    for name in _UNREAD:
        if site.node.has(name) and site.node.attr(name) != _DEFAULTS.get(name):
            if name != "direction" or site.node.attr(name) == "reverse":
                site.set(**{name: None})
            reason = f"{name} {site.node.attr(name)} is ignored"
            site.alters_if_different(reason, "write the steps out as MatMul and activations", name, warned=True)
    if site.node.attr("direction") == "bidirectional":
        site.alters("only its forward half is run", "use two networks", attribute="direction", warned=True)
