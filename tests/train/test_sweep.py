"""A sweep: every trial a run of its own, the best first, gone on with when repeated; bad plans are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.imaging import write_image

pytest.importorskip("torch")
pytest.importorskip("optuna")

from stylebridge.train.methods.johnson import Johnson
from stylebridge.train.sweep import Choices, Plan, Span, read_plan, sweep
from stylebridge.train.sweeppage import write_sweep_page


@pytest.fixture
def settings(small_vgg: Path, tmp_path: Path) -> Johnson:
    random = np.random.default_rng(0)
    for index in range(6):
        write_image(tmp_path / "frames" / f"{index}.png", random.integers(0, 255, (40, 40, 3), dtype=np.uint8))
    small: dict[str, Any] = {"steps": 2, "batch": 1, "size": 32, "style_size": 40, "blocks": 1, "workers": 0}
    places = {"data": str(tmp_path / "frames"), "style": (str(tmp_path / "frames" / "0.png"),)}
    return Johnson(**small, **places, perceptual=str(small_vgg), widths=(4, 4, 4), held_out=0.4, judge_every=1)


PLAN = Plan({"weights.style": Span(1, 20, log=True), "widths": Choices([[4, 4, 4], [4, 4, 8]])}, trials=3, prune=False)


def test_a_sweep_keeps_its_trials_and_goes_on(settings: Johnson, tmp_path: Path) -> None:
    ran: list[int] = []

    def report(trial: int, trials: int) -> Any:
        ran.append(trial)
        return lambda step, figures: None

    found = sweep("johnson", settings, PLAN, tmp_path / "sweep", report)
    scores = [trial["score"] for trial in found["trials"]]
    assert scores == sorted(scores)
    assert found["best"] == found["trials"][0]
    assert {trial["trial"] for trial in found["trials"]} == {0, 1, 2} == set(ran)
    for trial in found["trials"]:
        assert (Path(trial["run"]) / "model.pt").is_file()
        assert 1 <= trial["settings"]["weights.style"] <= 20
    ran.clear()
    again = sweep("johnson", settings, PLAN, tmp_path / "sweep", report)
    assert (ran, again) == ([], found)
    page = write_sweep_page(tmp_path / "sweep", "a sweep", found["trials"]).read_text()
    assert page.count("data:image/jpeg") == 3
    assert page.index(f"run {found['best']['trial']}") < page.index(f"run {found['trials'][-1]['trial']}")


def test_a_sweep_needs_something_to_judge_by(settings: Johnson, tmp_path: Path) -> None:
    blind = Johnson(data=settings.data, style=settings.style, judge_every=0)
    with pytest.raises(InputError, match="without held-out frames"):
        sweep("johnson", blind, PLAN, tmp_path / "sweep", lambda trial, trials: lambda step, figures: None)


def test_a_plan_names_settings_with_or_without_tables(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(
        'trials = 5\n[search]\n"weights.tv" = [0.1, 3]\nwidths = [[4,4,4], [8,8,8]]\n'
        "blocks = {choices = [3, 5]}\n[search.weights]\nstyle = {low = 1, high = 8}\n"
    )
    plan = read_plan(tmp_path / "plan.toml", Johnson)
    assert plan.trials == 5
    assert plan.search == {
        "weights.tv": Span(0.1, 3, log=True),
        "widths": Choices([[4, 4, 4], [8, 8, 8]]),
        "blocks": Choices([3, 5]),
        "weights.style": Span(1, 8),
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("trials = 0\n[search]\nsteps = [1, 2]", "trials"),
        ("trials = 1", "nothing to search"),
        ("[search]\nstile = [1, 2]", "unknown setting stile"),
        ("[search]\nsteps = {low = 2, high = 1}", "a span needs low < high"),
        ("[search]\nblocks = [1]", "Expected `array` of length >= 2"),
        ("[search", "no sweep"),
    ],
)
def test_a_plan_that_means_nothing_is_refused(text: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(InputError, match=found):
        read_plan(tmp_path / "plan.toml", Johnson)
