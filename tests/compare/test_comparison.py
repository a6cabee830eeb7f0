"""A whole comparison with small networks: what is found, and what is said when a column goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acting import COUNT, SIZE, Acting, Change, column, failing, frames, inverted
from stylebridge.compare.agreement import Agreement, pairs_of
from stylebridge.compare.columns import PATIENCE, Column, open_columns
from stylebridge.compare.comparison import Wish, compare
from stylebridge.compare.flickering import Flickering
from stylebridge.compare.moments import Moment
from stylebridge.compare.page.album import Album
from stylebridge.compare.page.facts import facts_of
from stylebridge.compare.plans import Plan, Smoothing, plan_columns, with_smoothing
from stylebridge.compare.running import Stop, run_columns
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import opencv

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("jinja2")


def quiet(what: str, done: int, total: int) -> None:
    """Where nobody watches."""


def run(columns: list[Column], count: int = COUNT, **words: Any) -> tuple[Agreement, Album, Flickering]:
    agreement = Agreement(columns, count)
    album, flickering = Album(columns, agreement, count), Flickering(columns)
    run_columns(frames(count, **words), columns, [agreement, album, flickering], count)
    return agreement, album, flickering


def test_equal_columns_are_equal_and_their_pictures_kept_once() -> None:
    agreement, album, flickering = run([column("A", inverted), column("B", inverted)])
    (pair,) = agreement.pairs
    assert (pair.title, pair.verdict, pair.psnr_db, pair.max_levels) == ("A – B", "equal to the bit", float("inf"), 0)
    assert album.columns[0].indices == album.columns[1].indices
    assert len(album.pool) == 4  # the game, the style, black heat, still motion
    assert flickering.results()["A"].mean == 0


def test_a_difference_is_measured_and_shown_where_it_is() -> None:
    def spotted(picture: ColorPlane, number: int) -> ColorPlane:
        out = 255 - picture
        out[4, 6] ^= 64 if number == 2 else 0
        return out

    agreement, album, _ = run([column("A", inverted), column("B", spotted)])
    (pair,) = agreement.pairs
    assert (pair.max_levels, pair.worst_frame, pair.frames) == (64, 2, COUNT)
    assert pair.changed == pytest.approx(1 / (SIZE[0] * SIZE[1]))
    heat = album.heats[0].indices
    assert [heat[0] == index for index in heat] == [True, True, False, True, True, True]


def test_rounding_is_told_from_a_fault() -> None:
    def off_by(levels: int) -> Change:
        return lambda picture, number: np.where(picture > 200, picture, picture + np.uint8(levels)).astype(np.uint8)

    columns = [column("A", off_by(0)), column("B", off_by(1)), column("C", off_by(40))]
    agreement, _, _ = run(columns)
    assert [pair.verdict for pair in agreement.pairs] == ["equal but for rounding", "not the same"]
    assert [pair.max_levels for pair in agreement.pairs] == [1, 40]


def test_other_models_are_expected_to_differ() -> None:
    columns = [column("A", inverted, "one.onnx"), column("B", lambda p, n: p // 2, "two.onnx")]
    (pair,) = run(columns)[0].pairs
    assert (pair.same_model, pair.verdict) == (False, "another picture")


def test_a_column_that_fails_midway_says_so_and_the_others_go_on() -> None:
    columns = [column("A", inverted), column("B", failing(2))]
    agreement, album, flickering = run(columns)
    assert columns[1].trouble.startswith(
        "one frame failed, the first of them number 3: the network's output holds 3 NaN"
    )
    assert (columns[0].shown, columns[1].shown) == (COUNT, COUNT - 1)
    assert [index < 0 for index in album.columns[1].indices] == [False, False, True, False, False, False]
    assert agreement.pairs[0].frames == COUNT - 1
    assert [len(flickering.results()[name].per_frame) for name in "AB"] == [COUNT, 2]


def test_a_column_that_keeps_failing_is_given_up() -> None:
    columns = [column("A", inverted), column("B", failing(*range(1, 99)))]
    run(columns, 8)
    stylizer = columns[1].stylizer
    assert isinstance(stylizer, Acting)
    assert stylizer.calls == 1 + PATIENCE
    assert "and was given up then" in columns[1].trouble


def test_columns_of_other_sizes_are_shown_and_not_compared() -> None:
    columns = [column("A", inverted), column("B", lambda picture, number: picture[::2, ::2])]
    agreement, album, flickering = run(columns)
    assert agreement.pairs[0].verdict == "40x24 against 20x12: pictures of two sizes"
    assert min(album.columns[1].indices) >= 0
    assert list(flickering.results()) == ["A"]


def test_without_motion_the_way_to_get_it_is_told() -> None:
    _, _, flickering = run([column("A", inverted)], motion=False)
    assert flickering.results() == {}
    assert "no motion, so flicker can't be measured" in flickering.why_not()
    assert "--flow dis" in flickering.why_not()


def test_no_frame_at_all_is_a_failure() -> None:
    with pytest.raises(StylebridgeError, match="no frame came"):
        run_columns(iter(()), [column("A", inverted)], [], 3)


def test_pairs_pass_over_what_never_opened() -> None:
    broken = Column(Plan("B", Path("net.onnx"), "torch", Path("net.onnx")), None, "no such file")
    found = pairs_of([broken, column("A", inverted), column("C", inverted)])
    assert [pair.title for pair in found] == ["A – C"]


def test_an_album_stays_within_its_bytes() -> None:
    columns = [column("A", inverted)]
    agreement = Agreement(columns, 20)
    album = Album(columns, agreement, 20, max_bytes=60_000)
    rng = np.random.default_rng(3)
    for number in range(20):
        frame = Frame(color=rng.integers(0, 256, (90, 160, 3), dtype=np.uint8))
        moment = Moment(number, frame, tuple(columns[0].take(frame, number)))
        agreement.look(moment)
        album.look(moment)
    assert sum(map(len, album.pool)) <= 66_000
    assert album.shrunk.startswith("pictures are shown at ")
    roomy = Album(columns, agreement, 20)
    roomy.look(moment)
    assert (roomy.quality, roomy.shrunk) == (90, "")


def test_a_models_file_is_found_beside_it_or_exported(small_checkpoint: Path, tmp_path: Path) -> None:
    plans = plan_columns([small_checkpoint], ["torch", "onnxruntime", "barracuda-3.0.1"], tmp_path)
    assert [plan.file.suffix for plan in plans] == [".pt", ".onnx", ".onnx"]
    assert plans[1].file == plans[2].file
    assert "exported from net.pt" in plans[1].note
    again = plan_columns([plans[1].file], ["torch", "onnxruntime"], tmp_path)
    assert (again[0].failure.split(",")[0], again[1].failure) == (
        f"{plans[1].file}: torch can't open {plans[1].file.name}",
        "",
    )


@pytest.mark.parametrize(
    ("models", "engines", "words"),
    [
        ([], ["torch"], "nothing to compare"),
        (["a.onnx"], ["torhc"], "unknown engine 'torhc'"),
        (["a.onnx", "b.onnx"], ["torch=c.pt"], "ENGINE=FILE with several models"),
        (["a.onnx", "a.onnx"], ["torch"], "named twice"),
        ([f"{n}.onnx" for n in range(13)], ["torch"], "13 columns"),
    ],
)
def test_what_cant_be_compared_is_refused(models: list[str], engines: list[str], words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        plan_columns([Path(name) for name in models], engines, tmp_path)


def test_a_comparison_that_shows_nothing_is_refused_and_writes_nothing(small_checkpoint: Path, tmp_path: Path) -> None:
    plan = Plan("A", small_checkpoint, "torch", small_checkpoint)
    wish = Wish(frames=1, contract="byte/1", sizes=())
    with pytest.raises(InputError, match="size multiple"):
        compare([Frame(color=np.zeros((9, 9, 3), np.uint8))], "noise", [plan], tmp_path / "page.html", wish, quiet)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_opens_is_an_error(tmp_path: Path) -> None:
    plan = Plan("A", tmp_path / "no.onnx", "onnxruntime", tmp_path / "no.onnx")
    with pytest.raises(InputError, match="no such file"), open_columns([plan]):
        pass


def test_the_page_and_the_video_hold_everything(small_checkpoint: Path, tmp_path: Path) -> None:
    plans = plan_columns([small_checkpoint], ["torch", "onnxruntime", "barracuda-3.0.1"], tmp_path)
    broken = Plan("broken", small_checkpoint, "onnxruntime", tmp_path / "gone.onnx")
    wish = Wish(frames=3, sizes=((32, 24),), video=tmp_path / "side.mp4", targets=("sentis-2.1.3",))
    found = compare(frames(3), "noise", [*plans, broken], tmp_path / "page.html", wish, quiet)
    report = found.as_json()
    assert [one["shown"] for one in report["columns"]] == [3, 3, 3, 0]
    assert [one["pair"] for one in report["pairs"]] == [
        "PyTorch – ONNX Runtime",
        "PyTorch – barracuda-3.0.1 (emulated)",
    ]
    assert all(one["max_levels"] <= 1 for one in report["pairs"])
    assert [one["engine"] for one in report["speed"]] == ["torch", "onnxruntime", "onnxruntime"]
    assert report["speed"][2]["failure"]
    assert [one["target"] for one in report["checks"]] == ["barracuda-3.0.1", "sentis-2.1.3"]
    page = (tmp_path / "page.html").read_text("utf-8")
    for words in (
        "What went wrong",
        "gone.onnx: no such file",
        "Do they agree?",
        "Does it flicker?",
        "How fast?",
        "32×24",
    ):
        assert words in page
    video = opencv().VideoCapture(str(tmp_path / "side.mp4"))
    assert (video.get(7), video.get(3) / video.get(4) > 1) == (3, True)
    video.release()


def test_a_models_first_column_is_smoothed_in_every_way() -> None:
    plans = [Plan(title, Path(model), "torch", Path(model)) for title, model in (("A", "a"), ("B", "a"), ("C", "c"))]
    found = with_smoothing(plans, [Smoothing(every=4), Smoothing(steady=True)])
    assert [plan.title for plan in found] == [
        *("A", "A, every 4th + reprojection", "A, steadied", "B"),
        *("C", "C, every 4th + reprojection", "C, steadied"),
    ]
    with pytest.raises(InputError, match="24 columns"):
        with_smoothing([Plan(f"{n}", Path(f"{n}"), "torch", Path(f"{n}")) for n in range(12)], [Smoothing(every=2)])


def test_interrupted_a_page_is_written_all_the_same(small_checkpoint: Path, tmp_path: Path) -> None:
    stop = Stop()
    plans = with_smoothing([Plan("A", small_checkpoint, "torch", small_checkpoint)], [Smoothing(every=4)])

    def count(what: str, done: int, total: int) -> None:
        stop.asked |= what == "comparing" and done == 2

    wish = Wish(frames=9)
    found = compare(frames(9), "noise", plans, tmp_path / "page.html", wish, count, stop=stop)
    assert (found.frames, found.speeds, found.as_json()["cut_short"]) == (2, [], "interrupted by Ctrl-C")
    assert [one.shown for one in found.columns] == [2, 2]
    assert (found.pairs[0].same_model, found.pairs[0].frames) == (False, 2)
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "Only 2 of 9 frames were compared: interrupted by Ctrl-C. Nothing was timed." in page
    assert "What couldn't be timed" not in page


def test_parameters_are_counted_with_a_card_without_one_and_in_a_checkpoint(
    small_checkpoint: Path, tmp_path: Path
) -> None:
    import onnx

    file = plan_columns([small_checkpoint], ["onnxruntime"], tmp_path)[0].file
    model = onnx.load(file)
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "bare.onnx")
    facts = [facts_of(path) for path in (small_checkpoint, file, tmp_path / "bare.onnx")]
    assert facts[0][0] == facts[1][0] != ""
    assert [opset for _, opset in facts] == ["", "9", "9"]
    counts = [int(count.replace(",", "")) for count, _ in facts]
    assert counts[2] == pytest.approx(counts[1], rel=0.02)  # a few constants that are no parameters
    assert facts_of(tmp_path / "gone.onnx") == facts_of(tmp_path / "gone.pt") == ("", "")


@pytest.fixture(scope="module")
def small_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest Johnson network, untrained."""
    import torch
    from stylebridge.nets.checkpoint import save_network
    from stylebridge.nets.registry import NetSpec, build

    torch.manual_seed(3)
    spec = NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1})
    path = tmp_path_factory.mktemp("net") / "net.pt"
    save_network(path, build(spec).eval(), spec)
    return path
