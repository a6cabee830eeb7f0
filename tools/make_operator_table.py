"""Write which operators each release knows: python tools/make_operator_table.py

Reads the measured lists in $STYLEBRIDGE_TEST_DATA (default ../shared/data) and writes
python/stylebridge/opcheck/targets/operators.json.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("STYLEBRIDGE_TEST_DATA", ROOT.parent / "shared" / "data"))
OUT = ROOT / "python" / "stylebridge" / "opcheck" / "targets" / "operators.json"
LINES = {"barracuda": "barracuda", "sentis": "sentis"}


def numbers(release: str) -> tuple[int, ...]:
    """The release as numbers: sentis-1.2.0-exp.2 is 1.2.0."""
    plain = release.removeprefix("sentis-").removeprefix("inference-engine-")
    return tuple(int(part) for part in plain.split("-")[0].split("."))


def spans(listed: dict[str, dict[str, object]]) -> dict[str, dict[str, str]]:
    """Operator -> the first release that knows it, and the last where a newer one does not."""
    releases = sorted(listed, key=numbers)
    found: dict[str, dict[str, str]] = {}
    for op in sorted({op for ops in listed.values() for op in ops}):
        known = [release for release in releases if op in listed[release]]
        first, last = releases.index(known[0]), releases.index(known[-1])
        if len(known) != last - first + 1:
            raise SystemExit(f"{op} comes and goes: {known}")
        found[op] = {"since": ".".join(map(str, numbers(known[0])))}
        if known[-1] != releases[-1]:
            found[op]["until"] = ".".join(map(str, numbers(known[-1])))
    return found


def main() -> None:
    """Write the table."""
    table = {
        line: spans(json.loads((DATA / folder / "registered_ops.json").read_text())) for line, folder in LINES.items()
    }
    OUT.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n")
    print(f"{OUT.relative_to(ROOT)}: " + ", ".join(f"{len(ops)} of {line}" for line, ops in table.items()))


if __name__ == "__main__":
    main()
