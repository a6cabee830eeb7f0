"""Rewriting node after node until the target has nothing to say, or nothing more helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import onnx

from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.outcome import Fix
from stylebridge.opcheck.fix.proof import Difference, Evidence, difference, run_part
from stylebridge.opcheck.fix.rewrites import Rewrite, how, rewrites_for
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.graph import Array, Node
from stylebridge.opcheck.report import Report, check

MAX_ROUNDS = 24
MAX_ATTEMPTS = 16
Ban = tuple[str, str]  # an original node, and a rewrite that leads nowhere there


@dataclass(frozen=True)
class _Plan:
    """A rewrite that was found equal by itself."""

    node: Node
    rewrite: Rewrite
    made: Sequence[onnx.NodeProto]
    stored: dict[str, Array]
    worst: float
    note: str


@dataclass
class State:
    """A model on its way: what was done to it, and what is said about it now."""

    shop: Workshop
    report: Report
    fixes: list[Fix] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)  # original node -> why rewrites didn't apply
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)  # node -> the rewrites that led to it
    tried: set[str] = field(default_factory=set)  # original nodes for which an equal rewrite was found

    @property
    def rank(self) -> tuple[int, int, int]:
        """How bad it is: the worst verdict, how many findings have it, how many there are."""
        bad = complaints(self.report)
        worst = max((f.verdict for f in bad), default=Verdict.OK)
        return int(worst), sum(f.verdict == worst for f in bad), len(bad)

    def root(self, name: str) -> str:
        """The node of the original model that a node stands for."""
        return self.shop.origins.get(name, name)

    def copy(self) -> State:
        """The same, to go on from."""
        refused = {name: list(reasons) for name, reasons in self.refused.items()}
        return State(self.shop.copy(), self.report, list(self.fixes), refused, dict(self.lines), set(self.tried))


def complaints(report: Report) -> list[Finding]:
    """The findings that matter."""
    return [finding for finding in report.findings if finding.verdict > Verdict.OK]


def settle(start: State, evidence: Evidence) -> State:
    """The best that rewriting makes of it; a rewrite that the target doesn't take is replaced by the next one."""
    bans: set[Ban] = set()
    best = start
    for _ in range(MAX_ATTEMPTS):
        state = _rewritten(start.copy(), evidence, bans)
        if state.rank < best.rank:
            best = state
        for name, reasons in state.refused.items():
            known = best.refused.setdefault(name, [])
            known += [reason for reason in reasons if reason not in known]
        best.tried |= state.tried
        if not complaints(state.report):
            break
        bad = {finding.node for finding in complaints(state.report)}
        more = {(state.root(name), state.lines[name][-1]) for name in bad if name in state.lines}
        if not more - bans:
            break
        bans |= more
    return best


def _rewritten(state: State, evidence: Evidence, bans: set[Ban]) -> State:
    careful = False
    for _ in range(MAX_ROUNDS):
        plans = _plans(state, evidence, bans)
        if not plans:
            break
        if not careful:
            before = state.copy()
            _apply(state, plans)
            if evidence.judge(state.shop.model).equal:
                state.report = judged(state.shop)
                continue
            state, careful = before, True
            plans = _plans(state, evidence, bans)
        if not _one_by_one(state, plans, evidence, bans):
            break
    return state


def _one_by_one(state: State, plans: list[_Plan], evidence: Evidence, bans: set[Ban]) -> bool:
    """Rewrites that are equal by themselves made the whole model differ: find out which, and leave those out."""
    done = False
    for plan in plans:
        kept = state.copy()
        _apply(state, [plan])
        found = evidence.judge(state.shop.model)
        if found.equal:
            done = True
            continue
        root = kept.root(plan.node.label)
        bans.add((root, plan.rewrite.__name__))
        kept.refused.setdefault(root, []).append(f"{how(plan.rewrite)}: not equal in the whole model ({_said(found)})")
        state.shop, state.fixes, state.refused, state.lines = kept.shop, kept.fixes, kept.refused, kept.lines
    state.report = judged(state.shop)
    return done


def judged(shop: Workshop) -> Report:
    """What the target does with the model as it is now."""
    return check(shop.model, shop.target, sizes=shop.sizes)


def _plans(state: State, evidence: Evidence, bans: set[Ban]) -> list[_Plan]:
    """One rewrite for each node that the target complains about."""
    bad = {finding.node for finding in complaints(state.report)}
    nodes = [node for node in state.shop.graph.nodes if node.label in bad]
    inputs = {name for node in nodes for name in node.inputs if name and state.shop.constant(name) is None}
    fed = {value.name for value in state.shop.graph.inputs}
    values = evidence.values(state.shop.model, sorted(inputs - fed)) if nodes else {}
    if evidence:
        values |= {name: array for name, array in evidence.first(state.shop.model).items() if name in inputs}
    found = (_plan(node, state, values, bans) for node in nodes)
    return [plan for plan in found if plan is not None]


def _plan(node: Node, state: State, values: dict[str, Array], bans: set[Ban]) -> _Plan | None:
    root = state.root(node.label)
    reasons: list[str] = state.refused.setdefault(root, []) if node.label == root else []
    for rewrite in rewrites_for(node.op):
        if (root, rewrite.__name__) in bans or rewrite.__name__ in state.lines.get(node.label, ()):
            continue
        job = Job(node, state.shop)
        try:
            results = rewrite(job)
            made = job.finished([results] if isinstance(results, str) else results, rewrite.__name__)
        except Cannot as reason:
            _note(reasons, str(reason))
            continue
        except Exception as error:  # a node that breaks ONNX's rules may trip up a rewrite anywhere
            _note(reasons, f"{how(rewrite)}: it is not what its operator allows ({type(error).__name__})")
            continue
        found = _proven(job, made, values)
        if found.equal:
            state.tried.add(root)
            return _Plan(node, rewrite, made, job.stored, found.worst, job.note)
        _note(reasons, f"{how(rewrite)}: not equal ({_said(found)})")
    return None


def _note(reasons: list[str], reason: str) -> None:
    if reason not in reasons:
        reasons.append(reason)


def _said(found: Difference) -> str:
    return found.reason or f"max |d| {found.worst:.2g}"


def _proven(job: Job, made: Sequence[onnx.NodeProto], values: dict[str, Array]) -> Difference:
    """Run the node and what would stand for it on what the model feeds it."""
    given: dict[str, Array] = {}
    for name in filter(None, job.node.inputs):
        known = job.workshop.constant(name)
        found = known if known is not None else values.get(name)
        if found is None:
            return Difference(0.0, 0.0)  # the whole model will tell
        given[name] = found
    outputs = [name for index, name in enumerate(job.node.outputs) if name and job.used(index)]
    opsets = job.workshop.model.opset_import
    wanted = run_part([job.node.proto], given, outputs, opsets)
    if wanted is None:
        return Difference(float("inf"), 0.0, "nothing here can run the node")
    return difference(run_part(made, given | job.stored, outputs, opsets), wanted)


def _apply(state: State, plans: Sequence[_Plan]) -> None:
    """Put the new nodes in their places."""
    places = {plan.node.label: plan for plan in plans}
    nodes: list[onnx.NodeProto] = []
    for proto in [node.proto for node in state.shop.graph.nodes]:
        plan = places.get(proto.name)
        nodes.extend([proto] if plan is None else plan.made)
    for plan in plans:
        root, line = state.root(plan.node.label), state.lines.get(plan.node.label, ())
        for node in plan.made:
            state.shop.origins[node.name] = root
            state.lines[node.name] = (*line, plan.rewrite.__name__)
        state.fixes.append(Fix(plan.node.label, plan.node.op, how(plan.rewrite), plan.worst, plan.note))
    state.shop.set_nodes(nodes)
    state.shop.store({name: numbers for plan in plans for name, numbers in plan.stored.items()})
