"""Evidence: the table of what was measured, and the pages made from it, are what the tools write."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from stylebridge.errors import InputError
from stylebridge.opcheck.evidence import (
    LINES,
    covers,
    evidence_table,
    find_operator,
    knowledge,
    known_operators,
    promised,
    span_words,
)
from stylebridge.opcheck.targets import operator_table
from stylebridge.targets import TARGETS, find_target

REPO = Path(__file__).resolve().parent.parent.parent
TABLE = REPO / "python" / "stylebridge" / "opcheck" / "targets" / "evidence.json"


def test_the_table_is_small() -> None:
    assert TABLE.stat().st_size < 150_000


def test_every_registered_operator_has_an_entry() -> None:
    for line in LINES:
        assert set(operator_table()[line]) <= set(evidence_table()[line])


def test_spans_name_releases_in_order_and_never_overlap() -> None:
    order = {line: [t.version for t in TARGETS if t.line == line] for line in LINES}
    for line in LINES:
        for op, entry in evidence_table()[line].items():
            for spans in (entry.documented, entry.cases, *(each.found for each in entry.measured)):
                places = [order[line].index(end) for found in spans for end in (found.since, found.until)]
                assert places == sorted(places), (line, op)
                assert all(a.until != b.since for a, b in pairwise(spans)), (line, op)


def test_neighbours_that_behave_alike_are_one_span() -> None:
    spans = [each.found for line in LINES for entry in evidence_table()[line].values() for each in entry.measured]
    assert all(a.behaviour != b.behaviour for found in spans for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("op", "target", "found"),
    [
        ("TopK", "sentis+gpupixel", "Not supported"),
        ("TopK", "sentis", "float"),
        ("Abs", "inference-engine", "float, int"),
        ("Abs", "barracuda", None),
        ("Nonsense", "sentis", None),
    ],
)
def test_the_documentation_promises_types_per_back_end(op: str, target: str, found: str | None) -> None:
    assert promised(op, find_target(target)) == found


@pytest.mark.parametrize(
    ("since", "until", "target", "found"),
    [
        ("1.3.3", "2.4.0", "barracuda-1.2.1", False),
        ("1.3.3", "2.4.0", "barracuda-2.2.1", True),
        ("1.3.3", "2.4.0", "barracuda-3.0.1", False),
        ("1.3.3", "", "barracuda-3.0.1", True),
    ],
)
def test_a_span_covers_its_releases(since: str, until: str, target: str, found: bool) -> None:
    assert covers(since, until, find_target(target)) == found


def test_spans_are_told_with_the_names_of_their_time() -> None:
    assert span_words("sentis", "1.2.0", "2.4.0") == "sentis-1.2.0 to inference-engine-2.4.0"
    assert span_words("barracuda", "1.3.3", "2.0.0") == "barracuda-1.3.3 to 2.0.0"
    assert span_words("barracuda", "1.3.3", "1.3.3") == "barracuda-1.3.3"
    assert span_words("sentis", "2.2.2", "") == "inference-engine-2.2.2 and later"


def test_operators_are_found_by_their_name() -> None:
    assert find_operator("gridsample") == "GridSample"
    assert len(known_operators()) > 180
    with pytest.raises(InputError, match="did you mean Conv"):
        find_operator("Konv")


def test_a_rule_tells_about_itself_where_it_has_something_to_say() -> None:
    assert "Weights" in knowledge("Conv", "barracuda").rule
    assert knowledge("Abs", "sentis").registered is not None


@pytest.mark.usefixtures("data_dir")
def test_the_table_is_what_the_tool_makes_of_the_measurements() -> None:
    subprocess.run([sys.executable, "tools/make_evidence.py", "--check"], cwd=REPO, check=True)


def test_without_measurements_the_table_is_left_alone(tmp_path: Path) -> None:
    before = TABLE.read_bytes()
    environment = {"STYLEBRIDGE_TEST_DATA": str(tmp_path), "PYTHONPATH": str(REPO / "python")}
    subprocess.run([sys.executable, "tools/make_evidence.py"], cwd=REPO, check=True, env=environment)
    assert TABLE.read_bytes() == before
