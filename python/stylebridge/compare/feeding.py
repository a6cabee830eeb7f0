"""Where a comparison's frames come from: any source; of a game, also what its own engine made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from stylebridge.compare.diagnosis.lanes import Lane
from stylebridge.compare.plans import Plan
from stylebridge.compare.running import owned
from stylebridge.frame import Frame
from stylebridge.sources import open_source
from stylebridge.sources.address import Address

PLANES = "color+depth+motion+occlusion"  # what flicker, heat and the frames between keys need


@dataclass
class Feed:
    """Frames, and the pictures that come along with them."""

    frames: Iterable[Frame]
    listens_at: str = ""
    fps: float | None = None
    count: int | None = None  # of all frames, where that is known
    shown: dict[str, Lane] = field(default_factory=dict)  # by the word that stands in an engine's place
    problems: list[str] = field(default_factory=list)
    interrupt: Callable[[], None] | None = None  # lets a read that waits end soon
    close: Callable[[], None] = lambda: None  # also before the end, so that no game waits for nothing


@contextmanager
def open_feed(source: str, plans: Sequence[Plan], limit: int) -> Iterator[Feed]:
    """Open the source; a game that also sends what its engine made is opened once for both."""
    source = with_planes(source)
    words = [plan.shows for plan in plans if plan.shows]
    if _is_game(source) and any(map(_is_game, words)):
        from stylebridge.compare.diagnosis.live import GameLane, GamePairs, is_live, place_of, shared_game

        game = shared_game(words, source)
        if game is not None:
            own = [word for word in words if is_live(word) and place_of(word) == place_of(source)]
            lanes = {word: GameLane(word, game) for word in own}
            try:
                pairs = GamePairs(source, game, list(lanes.values()), limit)
                yield Feed(pairs, game.listens_at, shown={**lanes}, interrupt=game.interrupt, close=game.close)
            finally:
                game.close()
            return
    with open_source(source) as opened:
        yield Feed(
            owned(opened) if opened.listens_at else opened,
            opened.listens_at,
            opened.fps,
            opened.frame_count,
            problems=opened.problems,
            interrupt=opened.interrupt,
            close=opened.close,
        )


def with_planes(source: str) -> str:
    """A game is asked for what can be used, unless its address says what to ask for."""
    if not _is_game(source) or "planes=" in source:
        return source
    return f"{source}{'&' if '?' in source else '?'}planes={PLANES}"


def _is_game(word: str) -> bool:
    return Address.parse(word).scheme == "zmq"
