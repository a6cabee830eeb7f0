"""Games that don't start, don't call, don't answer or say something wrong: which step it was, and what to check."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.sources import open_source
from stylebridge.wire import LinkFault

from .conftest import MakePlayer, free_port
from .play import Eye, Play

SMALL = (Eye(width=32, height=24),)


def refusal(address: str, kind: type[StylebridgeError] = LinkFault) -> str:
    """What is said when everything is read; a link's fault names its step."""
    with pytest.raises(kind) as caught, open_source(address) as source:
        list(source)
    if isinstance(caught.value, LinkFault):
        assert f"(step: {caught.value.step})" in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "step", "found", "check"),
    [
        ({"trouble": "crash"}, "wait for the game", "exit code 3; its log ends: .*il2cpp | Crash!!!", "by hand"),
        ({"trouble": "never"}, "wait for the game", r"runs but hasn't called port \d+ in 60 s", "built with the ML-A"),
        (
            {"version": "2.0.0", "package": "9.9"},
            "handshake",
            "version 2.0.0 .package 9.9., this side speaks 1.5",
            "pa",
        ),
        ({"version": "1.zz"}, "handshake", "communication version 1.zz", "another version of the com.unity.ml-agents"),
        ({"version": "2\x1b[31m"}, "handshake", r"communication version 2 \[31m", "another version"),
        ({"version": ""}, "handshake", "communication version none", "another version of the com.unity.ml-agents"),
        ({"trouble": "mute"}, "handshake", "introduced itself and then fell silent", "complaint about versions"),
        ({"trouble": "stuck"}, "first observation", "connected but sent no observation in 50 s", "Decision Requester"),
        ({"trouble": "empty"}, "first observation", "has registered no behaviour", "Behavior Parameters"),
        ({"eyes": ()}, "first observation", "no agent sees a picture: Walker observes 3", "Add a Camera Sensor"),
        ({"trouble": "stuck", "at": 3}, "step", "the game didn't answer in 50 s", "stuck, paused, at time scale 0"),
        ({"trouble": "die", "at": 3}, "step", "the player ended with signal SIGKILL", "by hand"),
        ({"trouble": "exit", "at": 3}, "step", "exit code 7; its log ends: NullReferenceException", "by hand"),
    ],
)
def test_the_step_is_named_and_what_to_check(
    player: MakePlayer, impatient: None, changes: dict[str, Any], step: str, found: str, check: str
) -> None:
    said = refusal(player(Play(eyes=SMALL), **changes) + "?timeout=50&wait=60")
    assert f"(step: {step})" in said
    assert re.search(found, said), said
    assert check in said
    assert said.isprintable()


def test_an_editor_that_is_not_in_play_is_waited_for_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("grpc_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    said = refusal(f"mlagents:editor?port={free_port()}&wait=0.3")
    assert "(step: wait for the game)" in said
    assert "no game called port" in said
    assert "Press Play in the Unity editor" in said
    assert "unset HTTP_PROXY" in said


def test_an_editor_that_stops_between_two_frames_is_a_fault_of_that_step(
    editor: Callable[..., str], impatient: None
) -> None:
    said = refusal(editor(eyes=SMALL, trouble="die", at=2) + "&timeout=50")
    assert "(step: step)" in said


@pytest.mark.parametrize("where", ["editor", "player"])
def test_a_port_that_is_taken_is_named_with_the_way_out(player: MakePlayer, where: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal((f"mlagents:editor?port={port}") if where == "editor" else player() + f"?port={port}")
    assert f"port {port} can't be had: another program listens there" in said
    assert ("?port= or ?worker=" in said) == (where == "player")


def test_a_frame_beyond_the_bound_of_grpc_is_refused_with_the_other_lane(
    game: MakePlayer, report: Callable[[], dict[str, Any]]
) -> None:
    eye = Eye(name="Wide", width=1280, height=720, form="float")
    said = refusal(game(eyes=(eye,)))
    assert "sensor 'Wide' of 720x1280x3 uncompressed, as float32 makes a message of 10.55 MiB" in said
    assert "at most 4 MiB" in said
    assert "zmq://HOST:PORT" in said
    assert report()["refused"][0] == "RESOURCE_EXHAUSTED"


def test_a_frame_just_within_the_bound_passes_and_just_beyond_does_not(game: MakePlayer) -> None:
    with open_source(game(eyes=(Eye(width=589, height=589, form="float"),), steps=1)) as source:
        assert len(list(source)) == 1
    assert "makes a message of 4.01 MiB" in refusal(game(eyes=(Eye(width=592, height=592, form="float"),)))


@pytest.mark.parametrize(
    ("eye", "found"),
    [
        (Eye(form="float", lies="range"), "has values from 0 to 3.5; expected 0 to 1"),
        (Eye(form="float", lies="nan"), "has values from nan to nan"),
        (Eye(form="float", lies="count"), "has 21163 values; expected 21168"),
        (Eye(lies="size"), "holds a PNG of 84x85; expected 84x84"),
        (Eye(lies="torn"), "holds a PNG that can't be read"),
    ],
)
def test_an_observation_that_is_no_picture_is_refused(game: MakePlayer, eye: Eye, found: str) -> None:
    assert f"sensor 'CameraSensor' {found}" in refusal(game(eyes=(eye,)), InputError)


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        ({"continuous": -1}, "-1 continuous and [3, 4] discrete actions for each of 2 agents of 'Walker?team=0'"),
        ({"continuous": 600_000}, "600000 continuous and [3, 4] discrete"),  # more than fits for two
        ({"discrete": (2, 2**31 - 1)}, "2 continuous and [2, 2147483647] discrete"),
        ({"discrete": (2, 0)}, "2 continuous and [2, 0] discrete"),
    ],
)
def test_more_actions_than_can_be_are_refused(game: MakePlayer, actions: dict[str, Any], found: str) -> None:
    assert f"the game sent {found}" in refusal(game(eyes=SMALL, agents=2, **actions))


def test_more_pictures_than_fit_in_memory_are_refused_before_they_are_unpacked(
    game: MakePlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.sources.mlagents.source.MAX_STEP_PIXELS", 2000)
    address = game(eyes=SMALL * 2, agents=2, steps=1)
    with open_source(f"{address}?agent=1") as source:
        assert len(list(source)) == 2
    said = refusal(f"{address}?agent=all", InputError)
    assert "3,072 pixels in the pictures of one step; expected at most 2,000. Choose with ?agent= and ?camera=" in said


def test_what_a_game_calls_things_can_not_command_a_terminal(game: MakePlayer) -> None:
    address = game(eyes=(Eye(name="\x1b[2J"),), behaviors=("\x1b[31mRed?team=0", "\x9bBlue" + "e" * 500))
    for options in ("behavior=Green", "camera=Other"):
        said = refusal(f"{address}?{options}", InputError)
        assert said.isprintable()
        assert len(said) < 300


def test_a_missing_or_foreign_player_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "a folder with no player in it" in refusal("mlagents:.", InputError)
    assert "no such player; expected the executable of a Unity build" in refusal("mlagents:/nowhere/x", InputError)
    plain = tmp_path / "plain.x86_64"
    plain.write_text("no program\n")
    assert f"Run: chmod +x {plain}" in refusal(f"mlagents:{plain}", InputError)
    plain.chmod(0o755)
    plain.write_bytes(b"\x7fELF but not really")
    assert "(step: start the player)" in refusal(f"mlagents:{plain}")
    (tmp_path / "other.x86_64").write_text("")
    said = refusal(f"mlagents:{tmp_path}", InputError)
    assert "a folder with other.x86_64, plain.x86_64; expected the path of the player's executable" in said


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("port=0", "port=0; expected port to be a whole number from 1"),
        ("port=70000", "port=70000; expected port to be from 1 to 65535"),
        ("port=6000&worker=1", "port=6000 and worker=1; expected one of them"),
        ("worker=2", "worker=2; expected a player; the editor calls 5004"),
        ("width=10", "width without height"),
        ("actions=dance", "actions=dance; expected zero or random"),
        ("graphics=off", "graphics=off; expected window or batch. A player without graphics draws no pictures"),
        ("depth=D", "one of depth and depth_m without the other"),
        ("time_scale=1000", "time_scale=1000; expected above 0, at most 100"),
        ("seed=99999999999", "seed=99999999999; expected seed to be from 0 to 2147483647"),
        ("agent=-1", "agent=-1; expected agent to be"),
        ("colour=1", "unknown option 'colour'; expected actions or agent or"),
    ],
)
def test_an_option_that_cannot_be_is_refused(options: str, found: str) -> None:
    assert found in refusal(f"mlagents:editor?{options}", InputError)
