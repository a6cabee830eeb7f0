"""A game that uses the C# sender wrongly is told so; a socket library that fails never reaches the game."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

OUTCOMES = {
    "no planes": "refused no_color",
    "no color": "refused no_color",
    "too few bytes": "refused bad_length",
    "wrong type": "refused bad_value",
    "no camera": "refused bad_text",
    "camera with a line break": "refused bad_text",
    "fits": "False",
    "a camera too many": "refused too_many_cameras",
    "exchange in the live flow": "refused",
    "broken sockets": "no sockets today Connecting 1",
    "too soon for another": "1",
    "another": "2",
    "closed": "False Closed",
    "after the end": "refused",
    "outside": "refused",
    "outside with keys": "tcp://10.0.0.1:5570",
    "inside": "tcp://[::1]:9",
    "no port": "refused",
    "no key": "refused",
}


def test_misuse_is_refused_with_a_code(harness: Callable[..., CompletedProcess[str]]) -> None:
    done = harness("wire-misuse")
    assert done.returncode == 0, done.stderr
    assert dict(line.split(": ", 1) for line in done.stdout.splitlines()) == OUTCOMES
