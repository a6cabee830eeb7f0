"""How sources are filed in a recording, and what it says about where they came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from stylebridge.cli.feeds import details_of, feeds_of, game_of
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.sources import Source

pytest.importorskip("zstandard")


class Seeded(Source):
    """A source that has nothing but a seed."""

    def __init__(self, seed: int | None) -> None:
        super().__init__("seeded:")
        self.seed = seed

    def read(self) -> Frame | None:
        return None


@pytest.mark.parametrize(
    ("name", "game"),
    [
        ("video:/films/clip.mp4?start=4", "clip"),
        ("shots/", "shots"),
        ("camera:0", "camera-0"),
        ("scene:plaza?seed=4", "plaza"),
        ("zmq://127.0.0.1:5570", "zmq"),
        ("images:shots/*.png", "shots"),
        ("camera:rtsp://me:secret@door/1", "camera"),
    ],
)
def test_a_source_without_games_is_filed_under_its_name(name: str, game: str) -> None:
    assert game_of(name) == game


def test_sources_of_one_name_stay_apart() -> None:
    feeds = feeds_of(["a/clip.mp4", "b/clip.mp4", "a/clip.mp4"], 1, "off")
    assert [feed.game for feed in feeds] == ["clip", "clip-2", "clip-3"]
    assert len({feed.session for feed in feeds}) == 3


def test_sessions_are_the_same_the_next_time_but_for_what_cannot_come_again() -> None:
    first, second, other = (feeds_of(["clip.mp4"], every, "off")[0] for every in (1, 1, 2))
    assert first.session == second.session != other.session
    assert first.fresh_session != second.fresh_session
    assert len(first.session) == len(first.fresh_session) == 32


def test_an_unknown_way_to_estimate_motion_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(InputError, match="flow 'raft'"):
        feeds_of([str(Path("nowhere"))], 1, "raft")


def test_details_say_what_was_asked_for_and_keep_secrets() -> None:
    names = ["camera:rtsp://me:secret@door/1", "zmq://0.0.0.0:5570?key=k/my.key&game=fox"]
    details = details_of(names, [Seeded(None), Seeded(None)], "color+depth", 2, "dis", dedupe=True, note="try")
    assert details.source == "camera:rtsp://door/1 zmq://0.0.0.0:5570?game=fox"
    assert details.extra == {
        "capture.planes": "color+depth", "capture.every": "2", "capture.flow": "dis", "capture.dedupe": "yes",
    }  # fmt: skip
    assert details.seed is None


@pytest.mark.parametrize(("seeds", "noted"), [((41,), 41), ((41, 41), 41), ((41, 42), None), ((41, None), None)])
def test_the_seed_that_all_sources_have_is_noted(seeds: tuple[int | None, ...], noted: int | None) -> None:
    sources = [Seeded(seed) for seed in seeds]
    names = ["scene:plaza"] * len(seeds)
    assert details_of(names, sources, "", 1, "off", dedupe=False, note="").seed == noted


def test_sources_of_one_name_are_filed_apart_whatever_the_others_are_called() -> None:
    names = ["clip-3.mp4", "clip.mp4", "other/clip.mp4", "clip.mp4"]
    assert [feed.game for feed in feeds_of(names, 1, "off")] == ["clip-3", "clip", "clip-4", "clip-5"]
