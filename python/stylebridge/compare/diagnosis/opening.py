"""What a word stands for: an engine, what one showed elsewhere, or a dump; as pictures, or layer by layer."""

from __future__ import annotations

from pathlib import Path

from stylebridge.compare.diagnosis.dumped import read_layers
from stylebridge.compare.diagnosis.dumps import DumpLane
from stylebridge.compare.diagnosis.lanes import CHECKPOINTS, EngineLane, Lane, SourceLane, file_for
from stylebridge.compare.diagnosis.live import Game, GameLane, is_live, place_of
from stylebridge.compare.diagnosis.tapped import Tapped, TappedGraph, TappedModule
from stylebridge.contract import PixelContract
from stylebridge.engines import engine_names, open_engine
from stylebridge.engines.stylizer import Stylizer, check_channels, open_stylizer
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.sources import known_schemes
from stylebridge.sources.address import Address
from stylebridge.targets import find_target


def open_lane(
    word: str,
    model: Path,
    contract: str = "",
    borrowed: PixelContract | None = None,
    *,
    by_id: bool = False,
    game: Game | None = None,
) -> Lane:
    """One lane: an engine with the model or, after `=`, another file; a recording or another source; an .npz dump.

    `game` is the one that the frames come from: a lane of the same address reads from it.
    """
    name, _, file = word.partition("=")
    if _is_engine(name):
        return _open_engine_lane(word, name, Path(file) if file else file_for(model, name), contract, borrowed)
    if word.lower().endswith(".npz"):
        return DumpLane(Path(word), borrowed)
    if game is not None and is_live(word) and place_of(word) == place_of(game.name):
        return GameLane(word, game)
    return SourceLane(word, by_id=by_id)


def open_tapped(word: str, model: Path, frame: Frame, contract: str, borrowed: PixelContract | None) -> Tapped:
    """A network to look into: an engine's name, NAME=FILE, or an .npz of layers."""
    if word.lower().endswith(".npz"):
        return read_layers(Path(word), model)
    check_word(word)
    lane = open_lane(word, model, contract, borrowed)
    try:
        if not isinstance(lane, EngineLane):
            expected = "an engine, an .npz of its layers by name, or a game that sends them"
            raise InputError(f"{word} shows pictures only", expected=expected, where=word)
        path, pixels, note = lane.path, lane.contract, lane.note
        engine = lane.stylizer.engine.name
    finally:
        lane.close()
    if engine != "torch":
        tapped = TappedGraph(word, path, engine, pixels, frame)
        tapped.note = note
        return tapped
    from stylebridge.engines.torch import is_torchscript

    if path.suffix.lower() not in CHECKPOINTS or is_torchscript(path):
        raise InputError(
            "a TorchScript archive can't be looked into", expected="the checkpoint that it was made from", where=path
        )
    return TappedModule(word, path, pixels, frame)


def check_word(word: str) -> None:
    """Refuse what is no lane at all, before any work is done."""
    name = word.partition("=")[0]
    address = Address.parse(word)
    if _is_engine(name) or word.lower().endswith(".npz") or address.scheme or Path(address.rest).exists():
        return
    raise InputError(
        f"unknown engine {word!r}",
        expected=f"{', '.join(engine_names())}, a release such as barracuda-3.0.1, an .npz dump, or what an engine"
        f" showed as one of {', '.join(known_schemes())}",
    )


def _open_engine_lane(word: str, name: str, path: Path, contract: str, borrowed: PixelContract | None) -> EngineLane:
    note = ""
    try:
        stylizer = open_stylizer(path, name, contract)
    except InputError as error:
        if borrowed is None or "no pixel contract" not in error.found:
            raise
        engine = open_engine(name, path)
        check_channels(engine, borrowed, path)
        stylizer = Stylizer(engine, borrowed, path.name)
        note = f"{path.name} carries no contract; it was run with the first one's: {borrowed}"
    return EngineLane(word, path, stylizer, note)


def _is_engine(name: str) -> bool:
    if name in engine_names():
        return True
    try:
        find_target(name)
    except StylebridgeError:
        return False
    return True
