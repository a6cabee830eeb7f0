"""Parity: engines beside each other; equal ones are called so, and whatever goes wrong stays in its own row."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from causenets import few_shot, johnson, picture
from stylebridge.compare.diagnosis.lanes import SourceLane
from stylebridge.compare.diagnosis.parity import Feed, parity
from stylebridge.compare.diagnosis.rows import Parity
from stylebridge.contract import PixelContract
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import write_image

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import parser  # noqa: E402
from stylebridge.export import contract_of, export  # noqa: E402
from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.recording import Details, Writer  # noqa: E402
from stylebridge.targets import find_target  # noqa: E402
from trapgraphs import with_unequal_strides  # noqa: E402

REPO = Path(__file__).resolve().parent.parent.parent
HEADER = '<ir_version: 8, opset_import: ["" : 13]>\n'
PATIENCE_S = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network as net.pt and net.onnx."""
    folder = tmp_path_factory.mktemp("parity")
    network = load_network(few_shot(folder / "net.pt"))
    export(network, contract_of(network, folder), folder / "net.onnx", find_target("barracuda"))
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    return folder / "net.onnx"


def shown_by(model: Path, frames: Sequence[Frame]) -> list[Frame]:
    with open_stylizer(model) as stylizer:
        return [stylizer(frame) for frame in frames]


def record(path: Path, frames: Sequence[Frame], ids: Sequence[int] = ()) -> str:
    """A recording with these frame ids; time goes with the id, as in a game."""
    with Writer(path, Details("a test"), force=True) as writer:
        for index, frame in enumerate(frames):
            number = ids[index] if ids else index
            writer.write(replace(frame, clock=Clock(number, number / 30, number)), game="unity")
    return f"recording:{path}"


def row_of(found: Parity, index: int = 1):  # type: ignore[no-untyped-def]
    return found.rows[index]


def test_the_same_network_in_three_engines_is_equal(model: Path) -> None:
    found = parity(model, ["torch", "onnxruntime", "barracuda-3.0.1"], [picture(1), picture(2)])
    assert found.verdict == "equal"
    assert found.rows[0].status == "reference"
    assert all(row.status in ("equal", "equal but for rounding") for row in found.rows[1:])
    assert all(row.input is not None and row.input.verdict == "equal" for row in found.rows[1:])
    assert all(row.raw_max is not None and row.raw_max < 1e-4 for row in found.rows[1:])


def test_another_file_is_named_as_other_weights_by_what_it_stores(model: Path, tmp_path: Path) -> None:
    other = few_shot(tmp_path / "other.pt", 9)
    row = row_of(parity(model, ["torch", f"torch={other}"], [picture()]))
    assert (row.status, row.cause.faults) == ("differs", ("weights",))
    assert "stored tensors differ" in row.cause.words


def test_a_suspect_names_the_file_whose_weights_are_there(model: Path, tmp_path: Path) -> None:
    other = few_shot(tmp_path / "other.pt", 9)
    write_image(tmp_path / "unity" / "0.png", shown_by(other, [picture()])[0].rgb)
    row = row_of(parity(model, ["onnxruntime", f"images:{tmp_path}/unity"], [picture()], suspects=[other]))
    assert row.cause.words == "other weights: those of other.pt"


def test_a_wrong_contract_is_named_with_the_range(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "unit.json").write_text(PixelContract.of("unit", multiple=4).to_json())
    wrong = tmp_path / "wrong.onnx"
    from stylebridge.onnxfile import relabel

    relabel(folder / "net.onnx", PixelContract.of("unit", multiple=4), wrong)
    row = row_of(parity(folder / "net.onnx", ["torch", f"onnxruntime={wrong}"], [picture()]))
    assert (row.status, row.cause.faults) == ("differs", ("range",))
    assert "[0,1] where [-1,1] is meant" in row.cause.words
    assert row.input.verdict == "as its contract says"
    assert row.diagnosis.causes[0].explained > 0.99


def test_a_recording_is_matched_by_frame_id(model: Path, tmp_path: Path) -> None:
    frames = [picture(seed) for seed in range(5)]
    game = record(tmp_path / "game.mcap", frames, [10, 11, 12, 13, 14])
    flipped = [frame.with_color(np.ascontiguousarray(frame.color[::-1])) for frame in shown_by(model, frames)]
    unity = record(tmp_path / "unity.mcap", flipped[1:], [11, 12, 13, 14])
    row = row_of(parity(model, ["onnxruntime", unity], Feed(f"{game}?start=1&every=2")))
    assert (row.status, row.cause.faults, row.frames) == ("differs", ("rows",), 2)
    assert row.worst_frame in (11, 13)
    assert row.input.verdict == "unknown"


def test_a_frame_that_a_recording_lacks_is_said_and_the_frames_before_are_compared(model: Path, tmp_path: Path) -> None:
    frames = [picture(seed) for seed in range(3)]
    game = record(tmp_path / "game.mcap", frames, [10, 11, 12])
    unity = record(tmp_path / "unity.mcap", shown_by(model, frames)[:2], [10, 11])
    found = parity(model, ["onnxruntime", unity, "barracuda"], Feed(game))
    row = row_of(found)
    assert (row.status, row.frames, row.measures.max_levels) == ("failed", 2, 0)
    assert "frame 12 isn't there" in row.problem and "10 to 11" in row.problem
    assert (found.rows[2].agrees, found.rows[2].frames, found.verdict) == (True, 3, "failed")


def test_a_live_engine_is_matched_by_frame_id(model: Path) -> None:
    pytest.importorskip("zmq")
    from stylebridge.wire import Sender

    frames = [picture(seed, frame_id=seed + 7) for seed in range(3)]
    lane = SourceLane("zmq://127.0.0.1:*", by_id=True)

    def play() -> None:
        with Sender(lane.listens_at, name="unity", planes=("color",)) as sender:
            for frame in shown_by(model, frames):
                sender.send(frame, PATIENCE_S)

    game = threading.Thread(target=play)
    game.start()
    try:
        answers = [lane.answer(frame, position).shown for position, frame in enumerate(frames[1:])]
        with pytest.raises(InputError, match="frame 3 isn't there"):
            lane.answer(picture(frame_id=3), 2)
        with pytest.raises(InputError, match=r"frame 99 isn't there.*frames 7 to 9"):
            lane.answer(picture(frame_id=99), 2)
    finally:
        lane.close()
        game.join()
    for answer, wanted in zip(answers, shown_by(model, frames[1:]), strict=True):
        np.testing.assert_array_equal(answer, wanted.rgb)


def test_an_engine_that_fails_midway_keeps_to_its_row(tmp_path: Path) -> None:
    graph = "agraph (float[1,3,H,W] input) => (float[1,3,H,W] output) { {half} output = {op} }"
    dark_fails = graph.replace("{half}", "half = Constant <value = float {0.25}> () left = Sub(input, half)")
    save(tmp_path / "net.onnx", dark_fails.replace("{op}", "Sqrt(left)"))
    save(tmp_path / "fine.onnx", graph.replace("{half}", "").replace("{op}", "Relu(input)"))
    bright, dark = (
        Frame(color=np.full((8, 8, 3), level, np.uint8), clock=Clock(n)) for n, level in enumerate((200, 9))
    )
    words = [f"onnxruntime={tmp_path}/fine.onnx", "onnxruntime", f"barracuda={tmp_path}/fine.onnx"]
    found = parity(tmp_path / "net.onnx", words, [bright, dark], contract="unit")
    assert [row.status for row in found.rows] == ["reference", "failed", "equal"]
    assert (found.rows[1].frames, found.rows[2].frames) == (1, 2)
    assert "at frame 1" in found.rows[1].problem and "NaN" in found.rows[1].problem
    assert found.rows[1].measures is not None


def save(path: Path, graph: str) -> Path:
    onnx.save(parser.parse_model(HEADER + graph), str(path))
    return path


def test_outputs_of_another_size_are_said(model: Path, tmp_path: Path) -> None:
    small = shown_by(model, [picture()])[0].rgb[:-4, :-2]
    write_image(tmp_path / "unity" / "0.png", np.ascontiguousarray(small))
    row = row_of(parity(model, ["onnxruntime", f"images:{tmp_path}/unity"], [picture()]))
    assert (row.status, row.problem) == ("other size", "it shows 64x42, onnxruntime 66x46")


def test_unequal_strides_are_named_by_what_the_check_says(tmp_path: Path) -> None:
    path = with_unequal_strides(REPO / "models" / "strokes.onnx", tmp_path / "net.onnx")
    row = row_of(parity(path, ["onnxruntime", "barracuda-3.0.1"], [picture(size=(48, 64))], contract="unit/4"))
    assert (row.status, row.cause.faults) == ("differs", ("strides",))
    assert "opposite order of axes" in row.cause.words


def test_unequal_strides_are_named_in_a_recording_of_an_unknown_engine(tmp_path: Path) -> None:
    path = with_unequal_strides(REPO / "models" / "strokes.onnx", tmp_path / "net.onnx")
    frame = picture(size=(48, 64))
    with open_stylizer(path, "barracuda-3.0.1", "unit/4") as stylizer:
        unity = record(tmp_path / "unity.mcap", [stylizer(frame)])
    row = row_of(parity(path, ["onnxruntime", unity], [frame], contract="unit/4"))
    assert (row.cause.faults, row.diagnosis.verdict) == (("strides",), "explained")
    assert "barracuda-3.0.1 computes Conv" in row.cause.words


def test_a_network_that_gives_another_size_fails_alone(model: Path, tmp_path: Path) -> None:
    pool = "output = MaxPool <kernel_shape = [1,1], strides = [2,1]> (input)"
    graph = "agraph (float[1,3,H,W] input) => (float[1,3,h,w] output) { " + pool + " }"
    save(tmp_path / "pool.onnx", graph)
    row = row_of(parity(model, ["onnxruntime", f"onnxruntime={tmp_path}/pool.onnx"], [picture(size=(48, 64))]))
    assert row.status == "failed" and "the network gave 64x24 for an input of 64x48" in row.problem


def test_a_release_that_refuses_the_model_fails_alone(tmp_path: Path) -> None:
    graph = "agraph (float[1,3,H,W] input) => (float[1,3,H,W] output) { output = HardSwish(input) }"
    path = tmp_path / "net.onnx"
    onnx.save(parser.parse_model(HEADER.replace("13", "14") + graph), str(path))
    found = parity(path, ["onnxruntime", "barracuda-3.0.1", "sentis"], [picture()], contract="unit")
    assert [row.status for row in found.rows] == ["reference", "failed", "equal"]
    assert "HardSwish" in found.rows[1].problem


def test_a_model_without_a_contract_borrows_the_first_ones_and_says_so(model: Path, tmp_path: Path) -> None:
    bare = onnx.load(str(model))
    del bare.metadata_props[:]
    onnx.save(bare, str(tmp_path / "bare.onnx"))
    row = row_of(parity(model, ["torch", f"onnxruntime={tmp_path}/bare.onnx"], [picture()]))
    assert row.agrees and "carries no contract" in row.notes[0]
    with pytest.raises(StylebridgeError, match="no pixel contract"):
        parity(tmp_path / "bare.onnx", ["onnxruntime", "barracuda"], [picture()])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda given: given[:, ::-1], "[-1,1] BGR NCHW"),
        (lambda given: given / 2 + 0.5, "[0,1] RGB NCHW"),
        (lambda given: given[:, :, ::-1], "bottom row first"),
        (lambda given: given[..., ::-1], "columns flipped"),
        (lambda given: given.transpose(0, 2, 3, 1), "NHWC"),
    ],
    ids=["bgr", "range", "rows", "columns", "layout"],
)
def test_a_dumped_input_is_explained_by_its_contract(model: Path, tmp_path: Path, change, words: str) -> None:  # type: ignore[no-untyped-def]
    frame = picture()
    with open_stylizer(model) as stylizer:
        given = stylizer.contract.to_tensor(frame)
    np.savez(tmp_path / "unity.npz", input=change(given), shown=shown_by(model, [frame])[0].rgb)
    row = row_of(parity(model, ["onnxruntime", str(tmp_path / "unity.npz")], [frame]))
    assert row.input.verdict == "explained" and row.input.is_culprit
    assert words in row.input.words


def test_a_dumped_input_that_is_right_is_equal_and_noise_is_unexplained(model: Path, tmp_path: Path) -> None:
    frame = picture()
    with open_stylizer(model) as stylizer:
        given = stylizer.contract.to_tensor(frame)
        np.savez(tmp_path / "right.npz", input=given, output=stylizer.infer(given))
    noise = np.random.default_rng(0).uniform(-1, 1, given.shape).astype(np.float32)
    np.savez(tmp_path / "noise.npz", input=noise, shown=frame.rgb)
    found = parity(model, ["onnxruntime", f"{tmp_path}/right.npz", f"{tmp_path}/noise.npz"], [frame])
    assert (found.rows[1].input.verdict, found.rows[1].status) == ("equal", "equal")
    assert found.rows[2].input.verdict == "unexplained"


@pytest.mark.parametrize("words", [["torch"], ["torch", "tortch"], []], ids=str)
def test_what_is_no_comparison_is_refused(model: Path, words: list[str]) -> None:
    with pytest.raises(InputError, match="engine"):
        parity(model, words, [picture()])


def test_everything_becomes_plain_json(model: Path, tmp_path: Path) -> None:
    import json

    other = johnson(tmp_path / "other.pt")
    found = parity(model, ["torch", "onnxruntime", f"torch={other}"], [picture()])
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert told["verdict"] == "differs"
    assert set(told["rows"][2]["shown"]["channels"]) == {"red", "green", "blue"}
