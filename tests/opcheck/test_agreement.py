"""How often the check and the emulation agree with the real engines, recomputed on the measured cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from stylebridge.opcheck import Report, check

from .agreement import Agreement, agreement_on
from .measured import Case, cases, compare_outputs, expected, nameless, networks, ordinary, undecided

FULL = ("barracuda-3.0.1", "inference-engine-2.4.0")
RELEASES = 17  # measured ones; one of them with a second back end
BURST = "barracuda-3.0.1+burst"
REAL_MODELS = ("barracuda_onnx", "fns_small", "cjmills_e2e")


@pytest.fixture(scope="module")
def listed(data_dir: Path) -> list[Case]:
    return list(cases())


@pytest.fixture(scope="module")
def agreement(listed: list[Case]) -> Agreement:
    untold = undecided(listed)
    return agreement_on((case, [target for target, names in untold.items() if case.name in names]) for case in listed)


@pytest.fixture(scope="module")
def network_agreement(data_dir: Path) -> Agreement:
    return agreement_on((case, ()) for case in networks())


def share(values: list[bool]) -> float:
    assert len(values) >= 10
    return sum(values) / len(values)


def test_all_seventeen_releases_are_compared(agreement: Agreement) -> None:
    assert len(set(agreement.verdicts) - {BURST}) == RELEASES
    assert all(len(values) > 500 for values in agreement.verdicts.values())


@pytest.mark.parametrize("target", FULL)
def test_every_verdict_is_the_engines_on_the_newest_releases(agreement: Agreement, target: str) -> None:
    assert share(agreement.verdicts[target]) == 1, agreement.listing(target)


def test_verdicts_agree_over_all_releases(agreement: Agreement) -> None:
    assert share([right for values in agreement.verdicts.values() for right in values]) >= 0.98, agreement.listing()


def test_the_warned_flag_agrees(agreement: Agreement) -> None:
    assert share([right for values in agreement.warnings.values() for right in values]) >= 0.98, agreement.listing()
    for target in FULL:
        assert share(agreement.warnings[target]) >= 0.98, agreement.listing(target)


@pytest.mark.parametrize("target", FULL)
def test_the_emulation_gives_the_engines_numbers(agreement: Agreement, target: str) -> None:
    assert len(agreement.outputs[target]) > 400
    assert share(agreement.outputs[target]) >= 0.99, agreement.listing(target)


@pytest.mark.parametrize("target", FULL)
def test_whole_networks_agree_in_verdict_and_numbers(network_agreement: Agreement, target: str) -> None:
    assert len(network_agreement.verdicts[target]) == 30
    assert network_agreement.wrong.get(target, []) == []
    assert len(network_agreement.outputs[target]) >= 28


def test_networks_agree_over_all_releases(network_agreement: Agreement) -> None:
    verdicts = [right for values in network_agreement.verdicts.values() for right in values]
    assert share(verdicts) >= 0.98, network_agreement.listing()


@pytest.mark.parametrize("folder", REAL_MODELS)
def test_models_that_people_run_raise_no_false_alarm(data_dir: Path, folder: str) -> None:
    reports = [check(path, "barracuda-3.0.1") for path in sorted((data_dir / folder).rglob("*.onnx"))]
    assert len(reports) >= 2
    assert [report.table() for report in reports if report.verdict in ("throws", "rejected")] == []
    assert [report.model for report in reports if report.verdict == "altered" and not located(report)] == []


def located(report: Report) -> bool:
    """Whether each finding says where."""
    return all(finding.node and finding.reason for finding in report.findings if finding.verdict)


def test_only_verdicts_that_hang_on_the_numbers_are_left_out(listed: list[Case]) -> None:
    by_name = {case.name: case for case in listed}
    models = {case.name: nameless(case.model) for case in listed}
    for target, names in undecided(listed).items():
        for name in names:
            fed = all(ordinary(array) for array in by_name[name].inputs.values())
            twins = {expected(by_name[o].verdicts[target]) for o in names if models[o] == models[name]}
            assert len(twins) > 1 or not fed
        assert len(names) <= 0.02 * len(listed)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([1, 2, 3], True), ([5, 5], True), ([1, np.nan], False), ([1, np.inf], False), ([999, 1000, 1001], False)],
)
def test_ordinary_numbers_are_finite_and_spread(numbers: list[float], expected: bool) -> None:
    assert ordinary(np.array(numbers, np.float32)) == expected


@pytest.fixture
def case(listed: list[Case]) -> Callable[..., Case]:
    def find(target: str, word: str) -> Case:
        found = next(each for each in listed if each.verdicts.get(target) == word and each.outputs.get(target))
        return Case(found.name, found.model, dict(found.verdicts), found.inputs, dict(found.outputs))

    return find


def test_a_wrong_verdict_would_be_seen(case: Callable[..., Case]) -> None:
    altered = case("barracuda-3.0.1", "ok")
    altered.verdicts["barracuda-3.0.1"] = "rejected"
    found = Agreement()
    found.add(altered, "barracuda-3.0.1")
    assert found.verdicts == {"barracuda-3.0.1": [False]}
    assert "check says ok" in found.wrong["barracuda-3.0.1"][0]


def test_a_missed_warning_would_be_seen(case: Callable[..., Case]) -> None:
    silent = case("barracuda-3.0.1", "ok")
    silent.verdicts["barracuda-3.0.1"] = "ok-warned"
    found = Agreement()
    found.add(silent, "barracuda-3.0.1")
    assert found.warnings == {"barracuda-3.0.1": [False]}


@pytest.mark.parametrize("target", FULL)
def test_wrong_numbers_and_missing_outputs_would_be_seen(case: Callable[..., Case], target: str) -> None:
    one = case(target, "ok")
    (name,) = one.outputs[target]
    wanted = one.outputs[target][name]
    one.outputs[target] = {name: wanted + np.float32(0.01) * (1 + np.abs(wanted).max())}
    assert "differs" in compare_outputs(one, target)
    one.outputs[target] = {"another": wanted}
    assert compare_outputs(one, target) == "output another is missing"


def test_models_are_compared_without_their_names(listed: list[Case]) -> None:
    by_model: dict[bytes, set[str]] = {}
    for each in listed:
        by_model.setdefault(nameless(each.model), set()).add(each.name)
    assert len(by_model) > 0.9 * len(listed)
    assert any(len(names) > 1 for names in by_model.values())
