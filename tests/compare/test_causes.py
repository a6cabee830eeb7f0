"""Seeded faults are found and named, the right cause first; what isn't a fault is called equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from causenets import few_shot, johnson, picture
from causeseeds import Seed, double_seeds, show, single_seeds
from stylebridge.compare.diagnosis.causes import Diagnosis, Variant, diagnose
from stylebridge.compare.measures import psnr_db
from stylebridge.engines.stylizer import Stylizer, open_stylizer
from stylebridge.frame import Frame

NETS = {"few-shot": few_shot, "johnson": johnson}
UNSEEN_DB = 45.0


@pytest.fixture(scope="module", params=list(NETS))
def stylizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stylizer]:
    path = NETS[request.param](tmp_path_factory.mktemp("net") / "net.pt")
    with open_stylizer(path, threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def sensitive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stylizer]:
    with open_stylizer(few_shot(tmp_path_factory.mktemp("net") / "net.pt"), threads=1) as opened:
        yield opened


def seeded(stylizer: Stylizer, seed: Seed, frame: Frame) -> tuple[Diagnosis, float]:
    contract = stylizer.contract
    if "resize" in seed.causes:
        contract = msgspec.structs.replace(contract, fit="resize", multiple=128)
    plain = contract.to_frame(stylizer.infer(contract.to_tensor(frame)), frame).rgb
    shown = show(stylizer.infer, contract, frame, seed)
    return diagnose(stylizer.infer, contract, [frame], [shown]), psnr_db(plain, shown)


@pytest.mark.parametrize("seed", single_seeds(), ids=lambda seed: seed.name)
def test_a_seeded_fault_is_named_first(stylizer: Stylizer, seed: Seed) -> None:
    found, before_db = seeded(stylizer, seed, picture())
    if before_db >= UNSEEN_DB:
        pytest.skip(f"{seed.name} can't be seen through this network ({before_db:.0f} dB)")
    assert found.verdict == "explained", found.causes
    assert set(found.causes[0].faults) == seed.causes, found.causes[0].words
    ends = (found.causes[0].ends[0], *found.alike)
    assert any(end in words for words in ends for end in [seed.name.split(" ", 1)[1]]), ends
    assert found.causes[0].explained > 0.9


@pytest.mark.parametrize("seed", double_seeds(), ids=lambda seed: seed.name)
def test_two_faults_at_once_are_both_named(sensitive: Stylizer, seed: Seed) -> None:
    found, _ = seeded(sensitive, seed, picture())
    assert found.verdict == "explained", found.causes
    assert set(found.causes[0].faults) == seed.causes, found.causes[0].words


def other_weights(folder: Path, seed: int) -> Stylizer:
    return open_stylizer(few_shot(folder / "other.pt", seed), threads=1)


def test_other_weights_are_named_when_no_fault_explains_it(sensitive: Stylizer, tmp_path: Path) -> None:
    frame = picture()
    with other_weights(tmp_path, 8) as other:
        shown = other(frame).rgb
    found = diagnose(sensitive.infer, sensitive.contract, [frame], [shown])
    assert (found.verdict, found.causes[0].faults) == ("unexplained", ("weights",))
    assert "other weights" in found.words


def test_a_suspect_that_shows_the_same_is_named(sensitive: Stylizer, tmp_path: Path) -> None:
    frame = picture()
    with other_weights(tmp_path, 8) as other:
        suspect = Variant("weights", "other weights: those of other.pt", other.infer, other.contract)
        found = diagnose(sensitive.infer, sensitive.contract, [frame], [other(frame).rgb], [suspect])
    assert (found.verdict, found.words) == ("explained", "other weights: those of other.pt")
    assert found.causes[0].left_db == float("inf")


def test_weights_that_are_known_to_be_the_same_are_not_blamed(sensitive: Stylizer) -> None:
    frame = picture()
    noise = np.random.default_rng(2).integers(0, 256, frame.color.shape, dtype=np.uint8)
    found = diagnose(sensitive.infer, sensitive.contract, [frame], [noise], weights="same")
    assert (found.verdict, found.causes[0].faults) == ("unexplained", ("network",))


def test_weights_that_are_known_to_differ_are_blamed_even_for_a_small_difference(sensitive: Stylizer) -> None:
    frame = picture()
    shown = sensitive(frame).rgb
    noisy = shown ^ (np.random.default_rng(2).random(shown.shape) < 0.3).astype(np.uint8)
    assert diagnose(sensitive.infer, sensitive.contract, [frame], [noisy]).causes[0].faults == ("arithmetic",)
    found = diagnose(
        sensitive.infer, sensitive.contract, [frame], [noisy], weights="other: 3 of 9 stored tensors differ"
    )
    assert found.words == "other weights: 3 of 9 stored tensors differ"


Change = Callable[[np.ndarray], np.ndarray]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda shown: shown[:, [0, *range(shown.shape[1] - 1)]], "shift"),
        (lambda shown: shown[:, :, [1, 2, 0]], "channels"),
        (lambda shown: np.maximum(shown.astype(np.int16) - 1, 0).astype(np.uint8), None),
    ],
    ids=["shifted", "mixed channels", "a level darker"],
)
def test_what_is_done_to_the_picture_alone_is_named(sensitive: Stylizer, change: Change, cause: str | None) -> None:
    frame = picture()
    found = diagnose(sensitive.infer, sensitive.contract, [frame], [change(sensitive(frame).rgb)])
    if cause is None:
        assert found.verdict != "explained" or found.causes[0].faults == ("rounding",)
    else:
        assert (found.verdict, found.causes[0].faults) == ("explained", (cause,))


def test_numbers_cut_instead_of_rounded_are_named(sensitive: Stylizer) -> None:
    frame = picture()
    cut = msgspec.structs.replace(sensitive.contract, rounding="floor")
    shown = cut.to_frame(sensitive.infer(cut.to_tensor(frame)), frame).rgb
    found = diagnose(sensitive.infer, sensitive.contract, [frame], [shown])
    assert (found.verdict, found.causes[0].faults) == ("explained", ("rounding",))


def test_a_clamped_input_is_named(sensitive: Stylizer) -> None:
    frame = picture()
    contract = sensitive.contract
    made = sensitive.infer(np.clip(contract.to_tensor(frame), 0, 1))
    found = diagnose(sensitive.infer, contract, [frame], [contract.to_frame(made, frame).rgb])
    assert (found.verdict, found.causes[0].faults) == ("explained", ("clamped",))


def test_a_cause_survives_a_lossy_recording(sensitive: Stylizer) -> None:
    frame = picture()
    noise = np.random.default_rng(1).normal(0, 1.5, frame.color.shape)
    shown = np.clip(sensitive(frame).rgb[::-1].astype(np.float64) + noise, 0, 255).astype(np.uint8)
    found = diagnose(sensitive.infer, sensitive.contract, [frame], [shown])
    assert (found.verdict, found.causes[0].faults) == ("explained", ("rows",))
    assert 40 < found.causes[0].left_db < 48


def test_a_cause_must_hold_on_every_frame(sensitive: Stylizer) -> None:
    frames = [picture(seed) for seed in (4, 5)]
    shown = [sensitive(frame).rgb for frame in frames]
    flipped = diagnose(sensitive.infer, sensitive.contract, frames, [each[::-1] for each in shown])
    assert flipped.causes[0].faults == ("rows",) and flipped.verdict == "explained"
    once = diagnose(sensitive.infer, sensitive.contract, frames, [shown[0][::-1], shown[1]])
    assert once.verdict != "explained"
