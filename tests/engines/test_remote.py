"""Layers over the wire: numbers of any shape come across, and every length is bounded before anything is taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("zmq")

from stylebridge.engines import remote
from stylebridge.engines.remote import LayerLink, Layers, send_layers
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.wire import Collector, Sender, WireFault

PATIENCE_S = 20.0
PLANES = ("color", "depth")


@pytest.fixture
def link() -> Iterator[LayerLink]:
    opened = LayerLink("127.0.0.1:*", wait_s=PATIENCE_S)
    yield opened
    opened.close()


def received(link: LayerLink) -> tuple[threading.Thread, list[Any]]:
    """A thread that receives, and what it got."""
    got: list[Any] = []

    def run() -> None:
        try:
            got.append(link.receive())
        except StylebridgeError as error:
            got.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, got


def test_numbers_of_every_shape_come_across(link: LayerLink) -> None:
    random = np.random.default_rng(3)
    shapes = [(), (1,), (0, 3), (1, 3, 7, 5), (4095,), (4096,), (4097,), (2, 3, 60, 80), (1, 1, 1, 1, 2, 2)]
    sent = {f"t{shape}": random.normal(size=shape).astype(np.float32) for shape in shapes}
    sent["t(4096,)"][7] = np.nan
    color = random.integers(0, 255, (5, 6, 3), dtype=np.uint8)
    thread, got = received(link)
    with Sender(link.address, planes=PLANES) as sender:
        sender.send(Frame(color, clock=Clock(41)), PATIENCE_S)
        sender.send(Frame(color[::-1].copy(), clock=Clock(42)), PATIENCE_S)
        assert send_layers(sender, sent, 42) == tuple(sent)
        assert send_layers(sender, sent, 43) == ()  # one set is enough
    thread.join(PATIENCE_S)
    (layers,) = got
    assert isinstance(layers, Layers) and list(layers.arrays) == list(sent) and layers.missing == ()
    for name, array in sent.items():
        np.testing.assert_array_equal(layers.arrays[name], array)
    np.testing.assert_array_equal(layers.picture.rgb, color[::-1])


def test_only_what_is_wanted_is_sent() -> None:
    link = LayerLink("127.0.0.1:*", wants=lambda names: ["b"], wait_s=PATIENCE_S)
    thread, got = received(link)
    with Sender(link.address, planes=PLANES) as sender:
        sender.connect(PATIENCE_S)
        assert send_layers(sender, {name: np.ones(2, np.float32) for name in "abc"}, 1) == ("b",)
    thread.join(PATIENCE_S)
    link.close()
    assert list(got[0].arrays) == ["b"] and got[0].picture is None


def test_what_came_of_a_game_that_left_is_given(link: LayerLink) -> None:
    thread, got = received(link)
    with Sender(link.address, planes=PLANES) as sender:
        sender.connect(PATIENCE_S)
        sender.ask("layers", PATIENCE_S, frame_id=1, names=["a", "b"], shapes=[[2], [3]])
        sender.send(remote._frame_of(np.ones(2, np.float32), 0), PATIENCE_S)
    thread.join(PATIENCE_S)
    assert list(got[0].arrays) == ["a"] and got[0].missing == ("b",)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"frame_id": 1, "names": ["a"], "shapes": []}, "1 names and 0 shapes"),
        ({"frame_id": 1, "names": ["a", "a"], "shapes": [[1], [1]]}, "each name once"),
        ({"frame_id": 1, "names": [], "shapes": []}, "length"),
        ({"frame_id": -1, "names": ["a"], "shapes": [[1]]}, "frame_id"),
        ({"frame_id": 1, "names": ["a"], "shapes": [[-1]]}, "shapes"),
        ({"frame_id": 1, "names": ["a"], "shapes": [[1 << 20, 1 << 20]]}, "too many numbers"),
        ({"frame_id": 1, "names": ["a"], "shapes": [[1] * 9]}, "length"),
        ({"frame_id": 1, "names": ["x" * 1025], "shapes": [[1]]}, "length"),
        ({"frame_id": 1, "names": [str(n) for n in range(40)], "shapes": [[1 << 24]] * 40}, "too many bytes"),
        ({"names": ["a"], "shapes": [[1]]}, "frame_id"),
    ],
)
def test_offers_that_make_no_sense_are_refused_before_anything_is_taken(
    link: LayerLink, args: dict[str, Any], said: str
) -> None:
    with Sender(link.address, planes=PLANES) as sender:
        sender.connect(PATIENCE_S)
        with pytest.raises(WireFault, match=said):
            sender.ask("layers", PATIENCE_S, **args)
    assert link._asked == {}


@pytest.mark.parametrize("frame", ["depth", "size"])
def test_a_layer_that_isnt_what_was_offered_is_refused(link: LayerLink, frame: str) -> None:
    thread, got = received(link)
    color = np.zeros((2, 5, 3), np.uint8)
    depth = np.zeros((2, 5), np.float32) if frame == "size" else None
    with Sender(link.address, planes=PLANES) as sender:
        sender.connect(PATIENCE_S)
        sender.ask("layers", PATIENCE_S, frame_id=1, names=["a"], shapes=[[9]])
        sender.send(Frame(color, depth=depth, camera=Camera("layers"), clock=Clock(0)), PATIENCE_S)
        thread.join(PATIENCE_S)
        link.close()
        with pytest.raises(StylebridgeError):
            sender.close(0.1)  # nobody took it
    assert isinstance(got[0], InputError) and "expected 9x1 numbers" in str(got[0])


def test_a_collector_that_doesnt_know_layers_is_sent_none() -> None:
    with Collector("127.0.0.1:*") as collector, Sender(collector.address, planes=PLANES) as sender:
        sender.connect(PATIENCE_S)
        with pytest.raises(WireFault, match="layers"):
            send_layers(sender, {"a": np.ones(2, np.float32)}, 1)
