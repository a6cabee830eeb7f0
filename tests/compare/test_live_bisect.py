"""Layers that a game's engine sends over real sockets: the first that differs is named, and lies are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from causenets import few_shot, picture
from stylebridge.compare.diagnosis.bisect import Bisection, bisect
from stylebridge.errors import InputError, StylebridgeError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("zmq")

from enginegame import played  # noqa: E402
from stylebridge.compare.diagnosis.tapped import TappedGraph  # noqa: E402
from stylebridge.contract import PixelContract  # noqa: E402
from stylebridge.export import contract_of, export  # noqa: E402
from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.targets import find_target  # noqa: E402

LIVE = "zmq://127.0.0.1:*"
FRAME = picture(size=(48, 64))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live")
    network = load_network(few_shot(folder / "net.pt"))
    export(network, contract_of(network, folder), folder / "net.onnx", find_target("barracuda"))
    return folder / "net.onnx"


@pytest.fixture(scope="module")
def made(model: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Every tensor of the network, channels last as Unity has them, under its input's own name too."""
    tapped = TappedGraph("onnxruntime", model, "onnxruntime", PixelContract.of("signed", multiple=4), FRAME)
    arrays = {"input": tapped.given()} | tapped.fetch([point.name for point in tapped.points])
    return {name: each.transpose(0, 2, 3, 1) if each.ndim == 4 else each for name, each in arrays.items()}


def against_game(
    model: Path,
    folder: Path,
    made: dict[str, np.ndarray[Any, Any]],
    *,
    frame: object = None,
    lane: str = LIVE,
    **play: str,
) -> Bisection:
    arrays = {f"layer|{name}": array for name, array in made.items()}
    np.savez(folder / "play.npz", **{"3|main": FRAME.color}, **arrays)
    with played(folder / "play.npz", **play) as tell:
        return bisect(model, ["onnxruntime", lane], frame, progress=tell)  # type: ignore[arg-type]


def test_a_games_layers_that_agree_part_nowhere(model: Path, tmp_path: Path, made: dict[str, Any]) -> None:
    found = against_game(model, tmp_path, made | {"something else": np.ones(3, np.float32)})
    assert found.first is None and len(found.steps) == len(made) - 1
    assert found.notes == ()


def test_the_first_layer_that_differs_is_named(model: Path, tmp_path: Path, made: dict[str, Any]) -> None:
    wrong = list(made)[9]
    found = against_game(model, tmp_path, made | {wrong: made[wrong] * np.float32(1.2)})
    assert found.first is not None and (found.first.name, found.first.status) == (wrong, "parts")
    assert found.first.apart == pytest.approx(0.2, rel=0.01)


def test_what_a_game_fed_in_is_compared_with_what_is_meant(model: Path, tmp_path: Path, made: dict[str, Any]) -> None:
    found = against_game(
        model, tmp_path, made | {"input": made["input"] / 2 + 0.5, list(made)[1]: made[list(made)[1]] + 1}
    )
    assert found.index == 0 and "fed other numbers" in found.words


def test_a_picture_of_ones_own_takes_the_place_of_the_games(model: Path, tmp_path: Path, made: dict[str, Any]) -> None:
    found = against_game(model, tmp_path, made, frame=picture(9, size=(48, 64)))
    assert found.index == 0


def test_layers_of_a_live_link_are_refused(model: Path, tmp_path: Path, made: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="live, which drops frames"):
        against_game(model, tmp_path, made, flow="live")


def test_layers_of_another_model_are_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(StylebridgeError, match="sent 1 frames and no layers"):
        against_game(model, tmp_path, {"nobody": np.zeros(3, np.float32)})


def test_a_game_that_never_comes_ends_the_waiting(model: Path) -> None:
    with pytest.raises(StylebridgeError, match=r"no game came in 0.05 s. Start the game"):
        bisect(model, ["onnxruntime", f"{LIVE}?wait=0.05"], None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([LIVE, LIVE], "two games"),
        (["onnxruntime", "barracuda"], "no picture"),
        (["onnxruntime", f"{LIVE}?camera=x"], "unknown option 'camera'"),
    ],
    ids=str,
)
def test_what_cant_be_asked_of_games_is_refused(model: Path, words: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        bisect(model, words, None)
