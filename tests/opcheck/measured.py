"""The measured cases, and how the check and the emulation compare with them; read by a test and by a tool."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from stylebridge.engines import InferenceFailed, ModelRejected, open_engine
from stylebridge.opcheck import check
from stylebridge.opcheck.numbers import close
from stylebridge.targets import find_target

REPO = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("STYLEBRIDGE_TEST_DATA", REPO.parent / "shared" / "data"))
WITH_OUTPUTS = {"barracuda-3.0.1": "barracuda", "inference-engine-2.4.0": "inference-engine-2.4.0"}
DROWNED = 100  # a mean this many times the spread
UNNOTED = "-unnoted"  # behind a verdict: whether the engine spoke isn't known
Arrays = dict[str, np.ndarray]  # type: ignore[type-arg]


@dataclass
class Case:
    """One measured model: its verdict per target, and what went in and came out."""

    name: str
    model: bytes
    verdicts: dict[str, str] = field(default_factory=dict)
    inputs: Arrays = field(default_factory=dict)
    outputs: dict[str, Arrays] = field(default_factory=dict)


def target_name(release: str) -> str:
    """The target of a release as the data spells it."""
    return find_target(release if release[0].isalpha() else f"barracuda-{release}").name


def cases() -> Iterator[Case]:
    """All one-operator cases of both lines."""
    barracuda = json.loads((DATA / "barracuda" / "cases.json").read_text())
    sentis = json.loads((DATA / "sentis" / "cases.json").read_text())
    more = json.loads((DATA / "sentis" / "more_cases.json").read_text())
    packs = [_pack("barracuda/cases.npz"), _pack("sentis/cases.npz")]
    extra = _pack("sentis/more_cases.npz")
    for name in dict.fromkeys([*barracuda, *sentis]):
        yield _case(name, [barracuda.get(name, {}), sentis.get(name, {})], packs)
    for name, verdicts in more.items():
        yield _case(name, [verdicts], [extra])


def networks() -> Iterator[Case]:
    """All whole networks; where Inference Engine was right, its output is ONNX Runtime's."""
    barracuda = json.loads((DATA / "barracuda" / "networks.json").read_text())
    sentis = json.loads((DATA / "sentis" / "networks.json").read_text())
    for name in barracuda:
        pack = np.load(DATA / "barracuda" / "networks" / f"{name}.npz", allow_pickle=False)
        found = Case(name, pack["model"].tobytes(), inputs={str(pack["input_name"]): pack["input"]})
        # Barracuda's messages were not noted for whole networks.
        found.verdicts = {target_name(release): f"{word}{UNNOTED}" for release, word in barracuda[name].items()}
        found.verdicts |= {target_name(release): word for release, word in sentis[name].items()}
        output = onnx.load_from_string(found.model).graph.output[0].name
        found.outputs = {"barracuda-3.0.1": {output: pack["barracuda"]}}
        if found.verdicts["inference-engine-2.4.0"].startswith("ok"):
            found.outputs["inference-engine-2.4.0"] = {output: pack["ort"]}
        yield found


def _pack(name: str) -> dict[str, Arrays]:
    """The arrays of each case, by the rest of their names."""
    found: dict[str, Arrays] = {}
    with np.load(DATA / name, allow_pickle=False) as archive:
        for key in archive.files:
            case, _, rest = key.partition("|")
            found.setdefault(case, {})[rest] = archive[key]
    return found


def _case(name: str, verdicts: list[dict[str, str]], packs: list[dict[str, Arrays]]) -> Case:
    arrays = {key: array for pack in packs for key, array in pack.get(name, {}).items()}
    found = Case(name, arrays["model"].tobytes())
    for listed in verdicts:
        found.verdicts |= {target_name(release): word for release, word in listed.items()}
    found.inputs = _below(arrays, "in|")
    found.outputs = {target: _below(arrays, f"{key}|") for target, key in WITH_OUTPUTS.items()}
    return found


def _below(arrays: Arrays, prefix: str) -> Arrays:
    return {key[len(prefix) :]: array for key, array in arrays.items() if key.startswith(prefix)}


def expected(word: str) -> tuple[str, bool | None]:
    """The check's verdict for a measured word, and whether the engine spoke (None where that wasn't noted)."""
    if word.removesuffix(UNNOTED) in ("throws", "rejected"):
        return word.removesuffix(UNNOTED), None
    if word == "no-reference":
        return "ran", None
    verdict = "altered" if word.startswith("altered") else "ok"
    noted = word.endswith(("-warned", "-silent")) or word == "ok"
    return verdict, word.endswith("-warned") if noted else None


def judge(case: Case, target: str) -> tuple[str, bool, bool | None, str]:
    """What was expected, whether the verdict agrees, whether the warning does, and what the check said."""
    verdict, warned = expected(case.verdicts[target])
    try:
        report = check(case.model, target)
    except Exception as error:
        return verdict, False, None, f"crash {type(error).__name__}: {error}"
    right = report.verdict in ("ok", "altered") if verdict == "ran" else report.verdict == verdict
    spoke = None if warned is None or not right else report.warned == warned
    said = report.findings[0].reason if report.findings else ""
    return verdict, right, spoke, f"{report.verdict}{'-warned' if report.warned else ''} {said}"


def compare_outputs(case: Case, target: str) -> str:
    """Empty when the emulation gives the engine's numbers, else what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(case.model)
        try:
            with open_engine(target, path) as engine:
                found = engine.run(case.inputs)
        except (ModelRejected, InferenceFailed) as error:
            return f"didn't run: {error}"
        except Exception as error:
            return f"crash {type(error).__name__}: {str(error)[:200]}"
    for name, wanted in case.outputs[target].items():
        if name not in found:
            return f"output {name} is missing"
        if not close(np.asarray(found[name]), wanted):
            shapes = f"{list(found[name].shape)} for {list(wanted.shape)}"
            if found[name].shape == wanted.shape:
                worst = np.max(np.abs(found[name].astype(float) - wanted.astype(float)))
                shapes += f", max |d| {worst:.3g} of {np.max(np.abs(wanted)):.3g}"
            return f"output {name} differs: {shapes}"
    return ""


def undecided(listed: Iterable[Case]) -> dict[str, set[str]]:
    """Target -> cases whose verdict hangs on the numbers that were fed, so that no model tells it.

    These are equal models with different verdicts (a Softplus overflows only above 88, an InstanceNormalization loses
    its digits only where the mean is large against the spread, a cast to float16 shows only what float16 can't hold),
    and models that were fed no ordinary numbers: NaN, infinities, a mean that drowns the spread in float32.
    """
    twins: dict[bytes, list[Case]] = {}
    found: dict[str, set[str]] = {}
    for case in listed:
        twins.setdefault(nameless(case.model), []).append(case)
        if not all(ordinary(array) for array in case.inputs.values()):
            for target in case.verdicts:
                found.setdefault(target, set()).add(case.name)
    for alike in twins.values():
        for target in {target for case in alike for target in case.verdicts}:
            measured = {case.name: expected(case.verdicts[target]) for case in alike if target in case.verdicts}
            if len(set(measured.values())) > 1:
                found.setdefault(target, set()).update(measured)
    return found


def ordinary(array: np.ndarray) -> bool:  # type: ignore[type-arg]
    """Whether numbers are finite, and spread wide enough about their mean for float32 to square them."""
    if array.dtype.kind != "f" or array.size == 0:
        return True
    numbers = array.astype(np.float64)
    spread = float(numbers.std()) if np.isfinite(numbers).all() else float("nan")
    return bool(np.isfinite(spread)) and (spread == 0 or abs(float(numbers.mean())) < DROWNED * spread)


def nameless(data: bytes) -> bytes:
    """A model's bytes with its names numbered in the order of their appearance."""
    model = onnx.load_model_from_string(data)
    for told in ("producer_name", "producer_version", "doc_string", "metadata_props"):
        model.ClearField(told)
    graph = model.graph
    graph.name = graph.doc_string = ""
    names = {"": ""}

    def numbered(name: str) -> str:
        return names.setdefault(name, f"t{len(names)}")

    for value in [*graph.input, *graph.initializer]:
        value.name = numbered(value.name)
    for node in graph.node:
        node.name = node.doc_string = ""
        for tensors in (node.input, node.output):
            for index, name in enumerate(tensors):
                tensors[index] = numbered(name)
    for value in [*graph.output, *graph.value_info]:
        value.name = numbered(value.name)
    return bytes(model.SerializeToString(deterministic=True))
