"""How often the check and the emulation agree with the real engines: python tools/opcheck_agreement.py [--only TEXT]

Reads the measured cases in $STYLEBRIDGE_TEST_DATA (default ../shared/data). Prints one JSON line per release, and with
--verbose one line per case that disagrees. --target takes a release as the data spells it (3.0.1, sentis-2.1.3);
--outputs also compares the emulated numbers with the engine's, for the two releases whose numbers were kept.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from stylebridge.engines import InferenceFailed, ModelRejected, open_engine
from stylebridge.opcheck import check
from stylebridge.opcheck.numbers import close
from stylebridge.targets import find_target

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("STYLEBRIDGE_TEST_DATA", ROOT.parent / "shared" / "data"))
WITH_OUTPUTS = {"barracuda-3.0.1": "barracuda", "inference-engine-2.4.0": "inference-engine-2.4.0"}


@dataclass
class Case:
    """One measured model: its verdict per target, and what went in and came out."""

    name: str
    model: bytes
    verdicts: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, np.ndarray] = field(default_factory=dict)  # type: ignore[type-arg]
    outputs: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)  # type: ignore[type-arg]


def target_name(release: str) -> str:
    """The target of a release as the data spells it."""
    return find_target(release if release[0].isalpha() else f"barracuda-{release}").name


def _arrays(archive: Any, prefix: str) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    return {key[len(prefix) :]: archive[key] for key in archive.files if key.startswith(prefix)}


def cases() -> Iterator[Case]:
    """All one-operator cases of both lines."""
    barracuda = json.loads((DATA / "barracuda" / "cases.json").read_text())
    sentis = json.loads((DATA / "sentis" / "cases.json").read_text())
    more = json.loads((DATA / "sentis" / "more_cases.json").read_text())
    packs = [np.load(DATA / p, allow_pickle=False) for p in ("barracuda/cases.npz", "sentis/cases.npz")]
    extra = np.load(DATA / "sentis" / "more_cases.npz", allow_pickle=False)
    for name in dict.fromkeys([*barracuda, *sentis]):
        yield _case(name, [barracuda.get(name, {}), sentis.get(name, {})], packs)
    for name, verdicts in more.items():
        yield _case(name, [verdicts], [extra])


def networks() -> Iterator[Case]:
    """All whole networks."""
    barracuda = json.loads((DATA / "barracuda" / "networks.json").read_text())
    sentis = json.loads((DATA / "sentis" / "networks.json").read_text())
    for name in barracuda:
        pack = np.load(DATA / "barracuda" / "networks" / f"{name}.npz", allow_pickle=False)
        found = Case(name, pack["model"].tobytes(), inputs={str(pack["input_name"]): pack["input"]})
        for listed in (barracuda[name], sentis[name]):
            found.verdicts |= {target_name(release): word for release, word in listed.items()}
        output = onnx.load_from_string(found.model).graph.output[0].name
        found.outputs = {"barracuda-3.0.1": {output: pack["barracuda"]}}
        yield found


def _case(name: str, verdicts: list[dict[str, str]], packs: list[Any]) -> Case:
    start = f"{name}|"
    found = Case(name, next(p[f"{start}model"] for p in packs if f"{start}model" in p.files).tobytes())
    for listed in verdicts:
        found.verdicts |= {target_name(release): word for release, word in listed.items()}
    for pack in packs:
        found.inputs |= _arrays(pack, f"{start}in|")
        for target, key in WITH_OUTPUTS.items():
            found.outputs.setdefault(target, {}).update(_arrays(pack, f"{start}{key}|"))
    return found


def expected(word: str) -> tuple[str, bool | None]:
    """The check's verdict for a measured word, and whether the engine spoke (None where that wasn't noted)."""
    if word in ("throws", "rejected"):
        return word, None
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
    except Exception as error:  # noqa: BLE001 - a crash of the check is a disagreement to be listed
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
        except Exception as error:  # noqa: BLE001 - a crash is a disagreement to be listed
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


def main() -> None:
    """Print the agreement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose name contains this; several with commas")
    parser.add_argument("--target", default="", help="one release; several with commas")
    parser.add_argument("--networks", action="store_true", help="the whole networks instead of the operator cases")
    parser.add_argument("--outputs", action="store_true", help="compare the emulated numbers too")
    parser.add_argument("--verbose", action="store_true", help="list the cases that disagree")
    options = parser.parse_args()
    wanted = [target_name(name) for name in options.target.split(",") if name]
    chosen = [
        c for c in (networks() if options.networks else cases()) if any(o in c.name for o in options.only.split(","))
    ]
    for target in wanted or sorted({t for c in chosen for t in c.verdicts}):
        print(json.dumps(_agreement(chosen, target, options)), flush=True)


def _agreement(chosen: list[Case], target: str, options: argparse.Namespace) -> dict[str, object]:
    verdicts, warnings, outputs = [], [], []
    for case in chosen:
        if target not in case.verdicts:
            continue
        verdict, right, spoke, said = judge(case, target)
        verdicts.append(right)
        if spoke is not None:
            warnings.append(spoke)
        if options.verbose and not (right and spoke in (True, None)):
            print(f"{target}  {case.name}: measured {case.verdicts[target]}, check says {said}")
        if options.outputs and case.outputs.get(target) and verdict in ("ok", "altered", "ran"):
            wrong = compare_outputs(case, target)
            outputs.append(not wrong)
            if options.verbose and wrong:
                print(f"{target}  {case.name} ({case.verdicts[target]}): {wrong}")
    line: dict[str, object] = {
        "target": target,
        "cases": len(verdicts),
        "verdict": _share(verdicts),
        "warned": _share(warnings),
    }
    return line | ({"outputs": _share(outputs), "compared": len(outputs)} if options.outputs else {})


def _share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 1.0


if __name__ == "__main__":
    main()
