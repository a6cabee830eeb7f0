"""Write what was measured about each operator: python tools/make_evidence.py [--check]

Reads the measurements in $STYLEBRIDGE_TEST_DATA (default ../shared/data) and writes
python/stylebridge/opcheck/targets/evidence.json, which `stylebridge explain` reads. Neighbouring releases that behave
alike are one entry. With --check nothing is written, and a stale file is an error; without the data nothing is
compared.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from make_operator_table import numbers

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("STYLEBRIDGE_TEST_DATA", ROOT.parent / "shared" / "data"))
OUT = ROOT / "python" / "stylebridge" / "opcheck" / "targets" / "evidence.json"
BACKENDS = ("CPU", "GPUCompute", "GPUPixel")
COUNTED = ("ok", "altered", "throws", "rejected", "ran")
# The measurements of the two lines were noted in two vocabularies; these are the check's words for both.
WORDS = {
    "ok": "ok",
    "ok-warned": "ok with a warning",
    "ok (with import warning)": "ok with a warning",
    "ok numerically, channels-last I/O": "ok but channels stay last",
    "silently different result": "altered without a word",
    "altered-silent": "altered without a word",
    "import warning + different result": "altered with a warning",
    "altered-warned": "altered with a warning",
    "accepted, inference throws": "throws",
    "throws": "throws",
    "import error": "rejected",
    "rejected": "rejected",
    "no-reference": "runs, nothing to compare with",
    "warning, attribute ignored": "warns and ignores the attribute",
}
UNMEASURED = "not measured in this release; see the neighbouring releases"
Spans = list[list[Any]]


def plain(release: str) -> str:
    """The release as numbers: sentis-1.2.0-exp.2 is 1.2.0."""
    return ".".join(map(str, numbers(release)))


def spans(values: Iterable[tuple[str, Any]]) -> Spans:
    """[first release, last release, value], merged where neighbours agree; None stands for "not measured"."""
    found: Spans = []
    for release, value in values:
        if value is None:
            continue
        if found and found[-1][2] == value:
            found[-1][1] = plain(release)
        else:
            found.append([plain(release), plain(release), value])
    return found


def behaviour(noted: list[str] | str | None) -> str | None:
    """The check's words for what was noted; None where nothing was measured."""
    if not noted or noted == UNMEASURED:
        return None
    words = [WORDS[word] for word in (noted.split(" / ") if isinstance(noted, str) else noted)]
    return ", or ".join(dict.fromkeys(words))


def restrictions(op: str, listed: dict[str, Any], releases: list[str]) -> list[dict[str, Any]]:
    """Under which condition which release behaved how."""
    noted = {
        release: {entry["when"]: entry["behaviour"] for entry in listed[release].get(op, {}).get("restrictions") or ()}
        for release in releases
    }
    conditions = dict.fromkeys(when for release in reversed(releases) for when in noted[release])
    made = [
        {"when": when, "found": spans((release, behaviour(noted[release].get(when))) for release in releases)}
        for when in conditions
    ]
    return [entry for entry in made if entry["found"]]


def documented(op: str, listed: dict[str, Any], releases: list[str]) -> Spans:
    """What the makers' documentation promises: data types per back end, or only whether it names the operator."""

    def promise(release: str) -> Any:
        entry = listed[release].get(op)
        if entry is None:
            return None
        if "backends" in entry:
            return [entry["backends"].get(name, "") for name in BACKENDS] if entry["backends"] else []
        return ["yes"] if entry.get("documented") else []

    return spans((release, promise(release)) for release in releases)


def counts(folder: str, releases: list[str]) -> dict[str, Spans]:
    """Per operator, how many of the measured models that contain it had which verdict."""
    files = [(DATA / folder / "cases.json", DATA / "barracuda" / "cases.npz")]
    if folder == "sentis":
        files.append((DATA / folder / "more_cases.json", DATA / folder / "more_cases.npz"))
    counted: dict[str, dict[str, Counter[str]]] = {}
    for verdicts, models in files:
        pack = np.load(models, allow_pickle=False)
        for name, words in json.loads(verdicts.read_text()).items():
            graph = onnx.load_from_string(pack[f"{name}|model"].tobytes()).graph
            for op in {node.op_type for node in graph.node}:
                for release in releases:
                    if release in words:
                        counted.setdefault(op, {}).setdefault(release, Counter())[verdict(words[release])] += 1
    return {
        op: spans((r, [by_release[r][w] for w in COUNTED] if r in by_release else None) for r in releases)
        for op, by_release in counted.items()
    }


def verdict(word: str) -> str:
    """One of COUNTED."""
    return "ran" if word == "no-reference" else word.split("-")[0]


def line(folder: str) -> dict[str, Any]:
    """All that is known about one line's operators."""
    listed = json.loads((DATA / folder / "registered_ops.json").read_text())
    releases = sorted(listed, key=numbers)
    cases = counts(folder, releases)
    made: dict[str, Any] = {}
    for op in sorted({op for ops in listed.values() for op in ops} | set(cases)):
        parts = {
            "measured": restrictions(op, listed, releases),
            "documented": documented(op, listed, releases),
            "cases": cases.get(op, []),
        }
        made[op] = {key: value for key, value in parts.items() if value}
    return made


def text() -> str:
    """The file: one line per operator, so that a difference can be read."""
    lines = []
    for name in ("barracuda", "sentis"):
        entries = [f"{json.dumps(op)}:{json.dumps(e, separators=(',', ':'))}" for op, e in line(name).items()]
        lines.append(f'"{name}":{{\n' + ",\n".join(entries) + "\n}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail when the file on disk is stale")
    check = parser.parse_args().check
    if not (DATA / "MANIFEST.json").is_file():
        print(f"no test data at {DATA}: {OUT.name} stays as it is")
        return 0
    if check:
        if OUT.is_file() and OUT.read_text() == text():
            return 0
        print(f"{OUT.relative_to(ROOT)} is stale, run: make vectors", file=sys.stderr)
        return 1
    OUT.write_text(text())
    print(f"{OUT.relative_to(ROOT)}: {OUT.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
