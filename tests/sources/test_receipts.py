"""Games whose frames are kept: acknowledged by receipt alone, and without motion where frames are missing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.sources import Source, open_source
from wire.patience import until

pytest.importorskip("zmq")
from stylebridge.sources.zmq import Games
from stylebridge.wire import LinkFault, Sender

PATIENCE_S = 20
SIZE = (8, 12)
PLANES = ("color", "depth", "motion", "occlusion")


def picture(number: int, camera: str = "main") -> Frame:
    return Frame(
        color=np.full((*SIZE, 3), number, np.uint8),
        depth=np.full(SIZE, number + 1, np.float32),
        motion=np.full((*SIZE, 2), number, np.float32),
        occlusion=np.zeros(SIZE, np.bool_),
        camera=Camera(camera),
        clock=Clock(number, number / 30, 1),
    )


@pytest.fixture
def games() -> Iterator[Callable[..., Games]]:
    opened: list[Source] = []

    def make(options: str = "") -> Games:
        source = open_source(f"zmq://127.0.0.1:*{options}")
        assert isinstance(source, Games)
        opened.append(source)
        return source

    yield make
    for source in opened:
        source.close()


@pytest.fixture
def sender() -> Iterator[Callable[..., Sender]]:
    made: list[Sender] = []

    def make(source: Source, **options: object) -> Sender:
        made.append(Sender(source.listens_at, name="kestrel", planes=PLANES, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.__exit__(ValueError, None, None)  # without waiting


def test_a_frame_is_acknowledged_by_its_receipt_alone(
    games: Callable[..., Games], sender: Callable[..., Sender]
) -> None:
    source = games()
    source.keep({})
    game = sender(source)
    for number in range(3):
        game.send(picture(number), PATIENCE_S)
    receipts = []
    for _ in range(3):
        next(source)
        receipts.append(source.receipt())
    assert [(receipt.sequence, receipt.game) for receipt in receipts] == [
        (1, "kestrel"),
        (2, "kestrel"),
        (3, "kestrel"),
    ]
    assert game.unacknowledged == 3
    receipts[1].done()
    receipts[0].done()
    until(lambda: game.pump() or game.unacknowledged == 1, PATIENCE_S)


def test_a_receipt_may_be_called_in_another_thread(games: Callable[..., Games], sender: Callable[..., Sender]) -> None:
    source = games()
    source.keep({})
    game = sender(source)
    game.send(picture(1), PATIENCE_S)
    next(source)
    thread = threading.Thread(target=source.receipt().done)
    thread.start()
    thread.join()
    until(lambda: game.pump() or not game.unacknowledged, PATIENCE_S)


def test_without_keep_receipts_change_nothing(games: Callable[..., Games], sender: Callable[..., Sender]) -> None:
    source = games()
    assert source.collector.peers() == []  # whoever looks at the collector wants games to be answered
    game = sender(source)
    for number in range(2):
        game.send(picture(number), PATIENCE_S)
    next(source)
    source.receipt().done()
    next(source)  # asking for the next one is what acknowledges the first
    until(lambda: game.pump() or game.unacknowledged == 1, PATIENCE_S)


def test_keep_asks_for_every_plane_or_for_those_that_are_wanted(
    games: Callable[..., Games], sender: Callable[..., Sender]
) -> None:
    for wanted, options, there in (
        ((), "", PLANES), (("depth",), "", ("depth",)), ((), "?planes=color+motion", ("color", "motion")),
    ):  # fmt: skip
        source = games(options)
        source.keep({}, wanted)
        game = sender(source)
        game.connect(PATIENCE_S)
        assert game.wanted_planes == there


def test_a_game_that_calls_before_it_is_known_what_to_keep_waits_and_is_asked_for_that(
    games: Callable[..., Games], sender: Callable[..., Sender]
) -> None:
    source = games()
    game = sender(source)
    calling = threading.Thread(target=game.connect, args=(PATIENCE_S,))
    calling.start()
    with pytest.raises(LinkFault):
        sender(source).connect(0.3)  # another one has waited that long, and nobody was answered
    assert calling.is_alive()
    source.keep({})
    calling.join(PATIENCE_S)
    assert game.wanted_planes == PLANES
    with pytest.raises(InputError, match="after games were answered"):
        source.keep({})


def test_what_is_safe_already_is_not_sent_again(games: Callable[..., Games], sender: Callable[..., Sender]) -> None:
    first = games()
    first.keep({})
    game = sender(first)
    for number in range(4):
        game.send(picture(number), PATIENCE_S)
    for _ in range(2):
        next(first)
    address = first.listens_at
    first.close()
    with open_source(f"zmq:{address.removeprefix('tcp:')}") as again:
        again.keep({game.session: 2})
        frames = []
        thread = threading.Thread(target=lambda: frames.extend([next(again), next(again)]))
        thread.start()
        until(lambda: game.pump() or not thread.is_alive(), PATIENCE_S)
    assert [frame.clock.frame_id for frame in frames] == [2, 3]
    assert all(frame.motion is not None for frame in frames)


class Handed:
    """Stands for a collector: hands out frames of these sequences and cameras, and one that is None at the end."""

    address = "tcp://127.0.0.1:5570"

    def __init__(self, frames: list[tuple[int, str]]) -> None:
        self.frames = list(frames)

    def receive(self, timeout_s: float) -> SimpleNamespace | None:
        if not self.frames:
            return None
        sequence, camera = self.frames.pop(0)
        frame = picture(sequence, camera)
        return SimpleNamespace(frame=frame, session="ab", sequence=sequence, game="kestrel", done=lambda: None)

    def begin(self, **offers: object) -> None:
        pass

    def peers(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="kestrel", left=True)]

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("received", "frames", "kept"),
    [
        ({}, [(1, "left"), (2, "left"), (3, "left")], [True, True, True]),
        ({}, [(5, "left"), (6, "left")], [True, True]),  # nothing is known of what came before
        ({}, [(1, "left"), (3, "left"), (4, "left")], [True, False, True]),
        ({}, [(1, "left"), (2, "right"), (4, "right"), (5, "left"), (6, "left")], [True, True, False, False, True]),
        ({"ab": 4}, [(5, "left"), (6, "left")], [True, True]),
        ({"ab": 4}, [(6, "left"), (7, "left"), (8, "right")], [False, True, False]),
        ({"cd": 4}, [(6, "left"), (7, "left")], [True, True]),
    ],
)
def test_motion_that_may_go_back_to_a_frame_that_never_came_is_left_out(
    received: dict[str, int], frames: list[tuple[int, str]], kept: list[bool]
) -> None:
    source = Games("zmq:", lambda bind, **options: Handed(frames), "")  # type: ignore[arg-type, return-value]
    source.keep(received)
    given = list(source)
    assert [frame.motion is not None for frame in given] == kept
    assert [frame.occlusion is not None for frame in given] == kept
    assert all(frame.depth is not None for frame in given)
    source.close()
    lost = kept.count(False)
    assert source.problems == (
        [f"{lost} frames lost their motion, because the frame before them was dropped"] if lost else []
    )


def test_an_interrupted_read_ends_as_if_nothing_more_came(games: Callable[..., Games]) -> None:
    source = games()
    found: list[Frame | None] = []
    thread = threading.Thread(target=lambda: found.append(next(source, None)))
    thread.start()
    source.interrupt()
    thread.join(PATIENCE_S)
    assert found == [None]


def test_a_receipt_before_the_first_frame_is_refused(games: Callable[..., Games]) -> None:
    with pytest.raises(InputError, match="a receipt before the first frame"):
        games().receipt()
