"""A game that uses the C# sender wrongly is told so; a socket library that fails never reaches the game."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from stylebridge.wire.keys import new_key

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
    "port with a space": "refused",
    "no key": "refused",
}
IN_BETWEEN = {  # what TrySend or the like gave, then what the collector or the game can see of it
    "a frame too large for the collector that came while it waited": "False 0 1",
    "a live frame too large for the collector that came with it": "False 0 0",
    "an answer's handler that throws": "thrown 0",
    "a frame given while such a handler throws": "thrown 0 0 True 1",
    "a socket that fails to close": "done done Closed",
    "a question that couldn't leave": "False 0",
    "a question that can't be written": "thrown 0",
    "questions given up whose handlers go on pumping": "done 3",
    "an end during which a handler throws": "thrown Closed Control Stats Bye",
    "tries to say HELLO in a second without a collector": "few",
    "the end of a live game without a collector": "False after 0",
    "a game that names no colour": "done 1",
    "planes asked for outlive a lost link": "2 True False",
    "a new socket after a pause": "Hello Connecting 1",
    "trouble after an old fault": "no sending today",
    "a control that ends the sender, slowly": "False Closed 1",
    "a control whose name is cut within a character": "done unknown_control",
    "a control that fails with half a character": "done control_failed",
    "a control whose result is a list": "done control_failed",
    "a farewell": "Pong Connecting",
    "the last words": "Stats Bye",
    "the README's example": "Hello Control Frame Frame Stats Bye True",
}


def test_misuse_is_refused_with_a_code(harness: Callable[..., CompletedProcess[str]]) -> None:
    done = harness("wire-misuse")
    assert done.returncode == 0, done.stderr
    assert dict(line.split(": ", 1) for line in done.stdout.splitlines()) == OUTCOMES


def test_what_happens_in_between_is_neither_lost_nor_repeated(harness: Callable[..., CompletedProcess[str]]) -> None:
    done = harness("wire-sender")
    assert done.returncode == 0, done.stderr
    assert dict(line.split(": ", 1) for line in done.stdout.splitlines()) == IN_BETWEEN


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_secret_key_that_others_can_read_is_refused(
    harness: Callable[..., CompletedProcess[str]], tmp_path: Path, mode: int
) -> None:
    (mine, _), (_, theirs) = new_key("game", tmp_path), new_key("collector", tmp_path)
    options = ("wire-stream", "--frames", "1", "--timeout-ms", "1", "--to", "tcp://127.0.0.1:1", "--peer", theirs)
    assert "can be read by others" not in harness(*options, "--key", mine).stderr
    mine.chmod(mode)
    done = harness(*options, "--key", mine)
    assert done.returncode != 0
    assert f"can be read by others (mode {mode:o})" in done.stderr
