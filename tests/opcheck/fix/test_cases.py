"""The measured cases that an engine refuses, fails on or alters: nearly all can be fixed."""

from __future__ import annotations

import pytest
from stylebridge.opcheck.fix import fix
from stylebridge.opcheck.graph import load_model

from opcheck.measured import DATA, Case, cases, expected, networks

STEP = 4  # every fourth case, or the test would take minutes
BAD = ("altered", "throws", "rejected")
HOPELESS = (  # no kernel here that could prove anything, or nothing to say it with
    *("custom_domain", "gridsample", "rank6", "rank7", "rank9", "tf_half_pixel_for_nn", "EyeLike", "dyn/noshape"),
    *("legacy_broadcast", "wrong_channels", "MaxPool_indices"),
)


def bad_cases(target: str) -> list[Case]:
    if not (DATA / "barracuda" / "cases.json").is_file():
        pytest.skip(f"no measured cases in {DATA}")
    found = [case for case in cases() if expected(case.verdicts.get(target, "ok"))[0] in BAD]
    return [case for case in found if not any(part in case.name for part in HOPELESS)]


@pytest.mark.parametrize("target", ["barracuda-3.0.1", "inference-engine-2.4.0"])
def test_measured_cases_become_ok_with_equal_numbers(target: str) -> None:
    left = {case.name: fix(case.model, target) for case in bad_cases(target)[::STEP]}
    assert [(name, outcome.lines()) for name, outcome in left.items() if not outcome.ok] == []


def test_networks_become_ok() -> None:
    if not (DATA / "barracuda" / "networks.json").is_file():
        pytest.skip(f"no measured networks in {DATA}")
    target, tried = "barracuda-3.0.1", 0
    for case in networks():
        if expected(case.verdicts[target])[0] in BAD:
            model = load_model(case.model)
            sizes = {name: array.shape for name, array in case.inputs.items()}
            outcome = fix(model, target, sizes=sizes)
            assert outcome.ok, outcome.lines()
            tried += 1
    assert tried >= 5
