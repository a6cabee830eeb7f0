"""How often the check and the emulation agree with the real engines: python tools/opcheck_agreement.py [--only TEXT]

Reads the measured cases in $STYLEBRIDGE_TEST_DATA (default ../shared/data). Prints one JSON line per release, and with
--verbose one line per case that disagrees. --target takes a release as the data spells it (3.0.1, sentis-2.1.3);
--outputs also compares the emulated numbers with the engine's, for the two releases whose numbers were kept. "tellable"
leaves out the verdicts that no model tells, because they hang on the numbers that were fed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from opcheck.measured import Case, cases, compare_outputs, judge, networks, target_name, undecided


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
    listed = list(networks() if options.networks else cases())
    untold = undecided(listed)
    chosen = [case for case in listed if any(part in case.name for part in options.only.split(","))]
    for target in wanted or sorted({t for c in chosen for t in c.verdicts}):
        print(json.dumps(_agreement(chosen, target, untold.get(target, set()), options)), flush=True)


def _agreement(chosen: list[Case], target: str, untold: set[str], options: argparse.Namespace) -> dict[str, object]:
    verdicts: dict[str, bool] = {}
    warnings, outputs = [], []
    for case in chosen:
        if target not in case.verdicts:
            continue
        verdict, verdicts[case.name], spoke, said = judge(case, target)
        if spoke is not None:
            warnings.append(spoke)
        if options.verbose and not (verdicts[case.name] and spoke in (True, None)):
            note = " (no model tells it)" if case.name in untold else ""
            print(f"{target}  {case.name}: measured {case.verdicts[target]}, check says {said}{note}")
        if options.outputs and case.outputs.get(target) and verdict in ("ok", "altered", "ran"):
            wrong = compare_outputs(case, target)
            outputs.append(not wrong)
            if options.verbose and wrong:
                print(f"{target}  {case.name} ({case.verdicts[target]}): {wrong}")
    line: dict[str, object] = {
        "target": target,
        "cases": len(verdicts),
        "verdict": _share(list(verdicts.values())),
        "tellable": _share([right for name, right in verdicts.items() if name not in untold]),
        "warned": _share(warnings),
    }
    return line | ({"outputs": _share(outputs), "compared": len(outputs)} if options.outputs else {})


def _share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 1.0


if __name__ == "__main__":
    main()
