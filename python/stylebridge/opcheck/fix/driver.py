"""Fix: a model made one that the target takes, each step proven by running, the rest reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import onnx

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.opcheck.finding import Finding
from stylebridge.opcheck.fix.external import embedded, has_external
from stylebridge.opcheck.fix.fixpoint import State, complaints, judged, settle
from stylebridge.opcheck.fix.lowering import candidates, lowered
from stylebridge.opcheck.fix.outcome import Fix, Left, Outcome
from stylebridge.opcheck.fix.preparations import Preparation, preparations
from stylebridge.opcheck.fix.proof import Evidence, largest
from stylebridge.opcheck.fix.rewrites import rewrites_for
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.graph import load_model
from stylebridge.opcheck.report import MAX_COMPLAINT, Report, check, plain
from stylebridge.targets import Target, find_target

Sizes = Mapping[str, tuple[int, ...]]
MAX_ELEMENTS = 1 << 27  # of one tensor of a model that is run here
TOO_LARGE = "the model has tensors too large to be run here, so no rewrite can be proven"
NOT_RUN = "nothing here can run the model, so no rewrite can be proven"


def fix(
    model: onnx.ModelProto | str | Path | bytes, target: Target | str, *, sizes: Sizes | None = None, name: str = ""
) -> Outcome:
    """Rewrite what the target complains about; the model that was given stays as it is."""
    chosen = find_target(target) if isinstance(target, str) else target
    try:
        loaded = load_model(model)
        if has_external(loaded):
            return _with_numbers_inside(loaded, model, chosen, sizes, name)
        title = name or (str(model) if isinstance(model, (str, Path)) else "")
        made = _fixed(loaded, chosen, sizes, title)
        return made if not sizes else _with_sizes(made, check(loaded, chosen, sizes=sizes, name=title))
    except StylebridgeError:
        raise
    except Exception as error:
        _refuse_invalid(model, name, error)
        raise


def _refuse_invalid(model: onnx.ModelProto | str | Path | bytes, name: str, error: Exception) -> None:
    """A model that ONNX's own checker doesn't take may trip up anything, and is bad input then."""
    try:
        onnx.checker.check_model(model)
    except Exception as complaint:
        where = name or (model if isinstance(model, (str, Path)) else "")
        said = plain(str(complaint), MAX_COMPLAINT)
        raise InputError(f"not valid ONNX: {said}", expected="a model that onnx.checker takes", where=where) from error


def _fixed(loaded: onnx.ModelProto, chosen: Target, sizes: Sizes | None, name: str) -> Outcome:
    """The same for a model that has its numbers inside."""
    given = pinned(loaded, sizes or {})
    before = check(given, chosen, name=name)
    opset = Workshop(given, chosen).opset
    if not complaints(before):
        return Outcome(given, before, before, opsets=(opset, opset), pinned=bool(sizes))
    start = State(Workshop(given, chosen), before)
    large = start.shop.largest() > MAX_ELEMENTS
    original = None if large else Evidence(given)
    if not original:
        left = [Left(finding, TOO_LARGE if large else NOT_RUN) for finding in complaints(before)]
        return Outcome(given, before, before, left=left, opsets=(opset, opset), pinned=bool(sizes))
    evidence = Evidence(given, like=original)
    state = _prepared(start.copy(), evidence)
    state = _settled(state, evidence)
    return _outcome(state, start, original, bool(sizes))


def _with_sizes(made: Outcome, before: Report) -> Outcome:
    """The outcome seen from the model without sizes, which may be worse off."""
    if len(complaints(before)) <= len(complaints(made.before)):
        return made
    return replace(made, before=before, fixes=[Fix("", "", "the sizes of its inputs written down", 0.0), *made.fixes])


def _with_numbers_inside(
    loaded: onnx.ModelProto, source: object, target: Target, sizes: Sizes | None, name: str
) -> Outcome:
    """The same for a model whose numbers lie in other files: they are brought inside first."""
    path = Path(source) if isinstance(source, (str, Path)) else None
    before = check(path or loaded, target, sizes=sizes, name=name)
    whole, count = embedded(loaded, path.parent if path else None)
    made = fix(whole, target, sizes=sizes, name=name or before.model)
    how = f"{count} initializer{'s' if count > 1 else ''} brought inside from other files"
    return replace(made, before=before, fixes=[Fix("", "", how, 0.0), *made.fixes])


def pinned(model: onnx.ModelProto, sizes: Sizes) -> onnx.ModelProto:
    """A copy whose inputs have these sizes; one that contradicts the model is refused."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = {value.name: value for value in made.graph.input if value.name not in stored}
    for name, shape in sizes.items():
        value = inputs.get(name)
        if value is None:
            raise InputError(f"no input {name!r}", expected=" or ".join(inputs) or "a model with inputs")
        tensor = value.type.tensor_type
        dims = list(tensor.shape.dim) if tensor.HasField("shape") else []
        fixed = [d.dim_value if d.HasField("dim_value") else 0 for d in dims]
        if dims and (len(fixed) != len(shape) or any(f not in (0, s) for f, s in zip(fixed, shape, strict=True))):
            written = "x".join(str(f or "?") for f in fixed)
            raise InputError(f"--size {name}={'x'.join(map(str, shape))}", expected=f"{written} as in the model")
        tensor.ClearField("shape")
        for size in shape:
            tensor.shape.dim.add().dim_value = size
    if sizes:
        del made.graph.value_info[:]
        for output in made.graph.output:
            output.type.tensor_type.ClearField("shape")
        _restore_output_shapes(made)
    return made


def _restore_output_shapes(model: onnx.ModelProto) -> None:
    """Write down what the sizes of the inputs make of the outputs'."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    for output, known in zip(model.graph.output, inferred.graph.output, strict=True):
        output.type.tensor_type.shape.CopyFrom(known.type.tensor_type.shape)


def _prepared(state: State, evidence: Evidence) -> State:
    for preparation in preparations():
        if complaints(state.report):
            state = _with(state, preparation, evidence)
    return state


def _with(state: State, preparation: Preparation, evidence: Evidence) -> State:
    """The state after a preparation; the one before it, if the numbers part or the target likes it less."""
    made = state.copy()
    made.shop.complained = {finding.node for finding in complaints(state.report)}
    title = (preparation.__doc__ or "").rstrip(".")
    try:
        done = preparation(made.shop)
    except Cannot as reason:
        state.refused.setdefault("", []).append(f"{title}: {reason}")
        return state
    except Exception as error:  # a model that breaks ONNX's rules may trip it up anywhere
        state.refused.setdefault("", []).append(f"{title}: the model is not what ONNX allows ({type(error).__name__})")
        return state
    if not done.how:
        return state
    slack = done.slack * largest(evidence.wanted)
    if done.proof is None:
        found = evidence.judge(made.shop.model, slack)
    else:
        found = evidence.judge_plainly(state.shop.model, done.proof, slack)
    if not found.equal:
        said = found.reason or f"max |d| {found.worst:.2g}"
        state.refused.setdefault("", []).append(f"{done.how}: taken back, not equal ({said})")
        return state
    worst, note = found.worst, done.note
    if done.proof is not None:
        worst = evidence.judge(made.shop.model, float("inf")).worst
        note += f"; with the rounding kept, max |d| {found.worst:.2g}"
    made.report = judged(made.shop)
    if made.rank[0] > state.rank[0]:
        return state
    if done.slack:
        evidence.renew(made.shop.model)
    made.fixes.append(Fix("", "", done.how, worst, note, loose=done.slack > 0))
    return made


def _settled(state: State, evidence: Evidence) -> State:
    """Rewritten at the model's own opset, and where something is left, at older ones."""
    best = settle(state, evidence)
    opset = best.shop.opset
    for other in candidates(opset, best.shop.target.line):
        if not complaints(best.report):
            break
        try:
            model = lowered(best.shop, other)
        except Exception as reason:  # Cannot, or a model that breaks ONNX's rules
            best.refused.setdefault("", []).append(f"opset {other}: {reason}")
            continue
        trial = best.copy()
        trial.shop.take(model)
        if not evidence.judge(trial.shop.model).equal:
            best.refused.setdefault("", []).append(f"opset {other}: not equal there")
            continue
        trial.report = judged(trial.shop)
        trial = settle(trial, evidence)
        if trial.rank < best.rank:
            best = trial
    return best


def _outcome(state: State, start: State, original: Evidence, pinned_sizes: bool) -> Outcome:
    """The swept model, checked and compared a last time; the one that was given, if nothing got better."""
    before, opset = start.report, start.shop.opset
    if state.rank >= start.rank:
        left = [Left(finding, _why(state, finding)) for finding in complaints(before)]
        return Outcome(start.shop.model, before, before, left=left, opsets=(opset, opset), pinned=pinned_sizes)
    kept = state.copy()
    kept.shop.sweep()
    tidy = judged(kept.shop)
    if original.judge(kept.shop.model, float("inf")).reason or (len(complaints(tidy)) > len(complaints(state.report))):
        kept, tidy = state, state.report
    after = Report(before.model, before.target, tidy.findings)
    worst = original.judge(kept.shop.model, float("inf")).worst
    left = [Left(finding, _why(state, finding)) for finding in complaints(after)]
    opsets = (opset, kept.shop.opset)
    return Outcome(kept.shop.model, before, after, kept.fixes, left, worst, opsets, original.shapes, pinned_sizes)


def _why(state: State, finding: Finding) -> str:
    """The likeliest reason: what a person could change first."""
    shapeless = [value.name for value in state.shop.graph.inputs if not value.type.tensor_type.HasField("shape")]
    if finding.node in shapeless:
        return f"give its size, such as --size {finding.node}=1x3x540x720"
    root = state.root(finding.node)
    reasons = [*state.refused.get(root, ()), *state.refused.get("", ())]
    found = _first_with(reasons, "--size", "not equal", "quantised", "run time")
    if found:
        return found
    op = finding.op or next((n.op for n in state.shop.graph.nodes if n.label == finding.node), "")
    if op and not rewrites_for(op):
        return f"no rewrite of {op} is known"
    if root in state.tried:
        return "its rewrites are equal, and the target does not take what they need either"
    return _first_with(reasons, "opset") or "no rewrite is known that applies"


def _first_with(reasons: list[str], *words: str) -> str:
    """The first reason that has the first of the words that any has."""
    return next((reason for word in words for reason in reasons if word in reason), "")
