"""Study: a model walked through once for one target; from it come both the report and the emulation."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from stylebridge.opcheck.assembly import assembled
from stylebridge.opcheck.backends import gaps, onnxruntime
from stylebridge.opcheck.behaviour.layout import misread_axes
from stylebridge.opcheck.bounds import refuse_oversized, refuse_oversized_inputs
from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.gates import gates_for
from stylebridge.opcheck.graph import DEFAULT_DOMAINS, Graph, Node, tensor_array
from stylebridge.opcheck.model_site import ModelSite
from stylebridge.opcheck.rules import rule_for
from stylebridge.opcheck.site import Site
from stylebridge.opcheck.targets import is_registered
from stylebridge.targets import Target


@dataclass(frozen=True)
class Study:
    """What a target does with a model, and the graph of what it computes."""

    graph: Graph
    target: Target
    findings: tuple[Finding, ...]
    draft: Draft
    lost_outputs: frozenset[str]

    @property
    def verdict(self) -> Verdict:
        """The worst finding's."""
        return max((f.verdict for f in self.findings), default=Verdict.OK)

    def emulation(self) -> onnx.ModelProto:
        """A model for ONNX Runtime that computes what the target computes."""
        return assembled(self.draft, self.graph, set(self.lost_outputs))


def study(
    model: onnx.ModelProto,
    target: Target,
    sizes: Mapping[str, tuple[int, ...]] | None = None,
    folder: Path | None = None,
) -> Study:
    """Walk through a model; `sizes` fixes the shapes that inputs leave open, `folder` is where external data lie."""
    graph = Graph(model, folder)
    refuse_oversized_inputs(graph)
    draft = Draft(graph, target.line, sizes)
    for name, tensor in graph.initializers.items():
        with contextlib.suppress(Exception):  # external, broken or exotic: the gates say what becomes of it
            draft.set_constant(name, tensor_array(tensor))
    whole = ModelSite(graph, target, draft)
    for gate in gates_for(target.line):
        gate(whole)
    findings, lost = list(whole.findings), set(whole.lost_outputs)
    if not whole.gives_up:
        for node in graph.nodes:
            site = _visit(node, graph, target, draft)
            findings += site.findings
            lost |= site.lost_outputs
    findings.sort(key=lambda f: (-f.verdict, not f.warned))
    return Study(graph, target, tuple(findings), draft, frozenset(lost))


def _visit(node: Node, graph: Graph, target: Target, draft: Draft) -> Site:
    site = Site(node, graph, target, draft)
    refuse_oversized(node, site.nodes, draft)
    if target.line == "onnxruntime":
        onnxruntime(site)
        draft.add(site.nodes)
        return site
    if not is_registered(node.op, target):
        site.rejects(
            f"the importer does not know {node.op}",
            "replace it, see: stylebridge fix" if node.proto.domain in DEFAULT_DOMAINS else "export without it",
        )
    else:
        rule = rule_for(node.op, target.line)
        if rule is not None:
            rule(site)
        if node.outputs and node.outputs[0] in draft.channels_last:
            misread_axes(site)
        if target.backend:
            gaps(site)
    draft.add(site.nodes)
    return site
