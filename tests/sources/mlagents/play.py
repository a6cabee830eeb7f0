"""What the test peer plays: given to it as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec


class Eye(msgspec.Struct, frozen=True):
    """A visual sensor."""

    name: str = "CameraSensor"
    width: int = 84
    height: int = 84
    form: Literal["png", "float"] = "png"
    gray: bool = False
    planar: bool = False  # [C,H,W]
    stack: int = 1
    lies: Literal["", "range", "nan", "count", "size", "torn", "shape", "nameless"] = ""


class Play(msgspec.Struct, frozen=True):
    """A game."""

    eyes: tuple[Eye, ...] = (Eye(),)
    behaviors: tuple[str, ...] = ("Walker?team=0",)
    blind: tuple[str, ...] = ()  # behaviours without pictures
    agents: int = 1
    steps: int = 0  # after which the game quits by itself
    episode: int = 0  # steps of an episode
    late: int = 0  # steps before the behaviours are there
    continuous: int = 2
    discrete: tuple[int, ...] = (3, 4)
    mask: tuple[bool, ...] = ()
    reward: float | None = 1.0  # None is not a number
    version: str = "1.5.0"
    package: str = "2.3.0"
    replay: bool = False  # from the third round of pictures on, messages go out as the bytes that they were before
    clock: bool = False  # tells the time over stylebridge's side channel
    controls: bool = True  # answers there
    asks: str = ""  # a control that the game asks Python for
    noise: bool = False  # sends side channel messages that nobody understands
    trouble: str = ""  # how it misbehaves; see peer.py
    at: int = 0  # the step at which it does
    report: str = ""  # a file for what was received


def encode(play: Play) -> str:
    return msgspec.json.encode(play).decode()


def decode(text: str) -> Play:
    return msgspec.json.decode(text, type=Play)
