"""What ends or holds up a game: SIGTERM, P, and a collector that is away."""

from __future__ import annotations

import os
import signal
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from stylebridge.cli import play
from stylebridge.cli.ending import terminable
from stylebridge.cli.play import Link, Pause


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_sigterm_ends_like_ctrl_c_and_only_meanwhile() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), terminable():
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert signal.getsignal(signal.SIGTERM) is before


def test_each_touch_of_p_begins_a_pause_or_ends_it() -> None:
    pause, seen = Pause(), []
    for keys in ((), ("p",), ("p", "w"), ("w",), (), ("p",), ()):
        pause.look(keys)
        seen.append(pause.on)
    assert seen == [False, True, True, True, True, False, False]


def link(flow: str, *, connected: bool) -> tuple[Link, Any]:
    sender = SimpleNamespace(connected=connected, pump=lambda: None)
    return Link(sender, SimpleNamespace(may_go=lambda: True), None, flow), sender  # type: ignore[arg-type]


def test_a_game_that_loses_nothing_says_once_that_it_waits_for_its_collector(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(play.time, "monotonic", lambda: now[0])
    game, sender = link("lossless", connected=True)
    assert game.may_go()
    sender.connected = False
    said = []
    for _ in range(6):
        assert not game.may_go()
        said.append(capsys.readouterr().err)
        now[0] += 0.4
    assert [line for line in said if line] == [
        "note: the collector is away; the game waits for it, and loses nothing; Ctrl-C ends\n"
    ]
    assert not any(said[:2])  # a moment without a link isn't worth a word
    sender.connected = True
    assert game.may_go()
    assert capsys.readouterr().err == "note: the collector is back\n"
    assert game.may_go()
    assert capsys.readouterr().err == ""


def test_a_live_game_goes_on_without_its_collector() -> None:
    assert link("live", connected=False)[0].may_go()
