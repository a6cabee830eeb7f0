"""Random numbers: they run, and nobody can compare them."""

from __future__ import annotations

import pytest
from stylebridge.opcheck import check

from .trying import NEWEST, one_node


@pytest.mark.parametrize("target", ["barracuda-1.0.4", "barracuda-3.0.1", NEWEST])
def test_they_are_fine_and_a_person_is_told(target: str) -> None:
    report = check(one_node("RandomNormal", {}, shape=[1, 2, 3, 4]), target)
    assert report.verdict == "ok"
    assert not report.warned
    assert "drawn anew" in report.findings[0].reason
