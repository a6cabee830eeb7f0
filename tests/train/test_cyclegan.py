"""CycleGAN: both sides learn, earlier fakes come back, and a stopped run goes on with the same ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stylebridge.imaging import read_image

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.train.fakes import PicturePool  # noqa: E402
from stylebridge.train.folder import RunFolder  # noqa: E402
from stylebridge.train.material import open_material  # noqa: E402
from stylebridge.train.methods.cyclegan import CycleGAN, CycleGANMethod, Weights  # noqa: E402
from stylebridge.train.start import run as train  # noqa: E402

Chosen = Callable[..., CycleGAN]


@pytest.fixture
def chosen(moving: Path, styles: Path, small_vgg: Path) -> Chosen:
    def make(**fields: Any) -> CycleGAN:
        given = {"data": str(moving), "style": (str(styles),), "perceptual": str(small_vgg), "workers": 0}
        nets = {"widths": (4, 4, 8), "blocks": 1, "critic_width": 4, "critic_layers": 2, "pool": 3}
        small = {"steps": 4, "batch": 2, "size": 24, "style_size": 48, "save_every": 2, "held_out": 0.4}
        return CycleGAN(**given | nets | small | fields)

    return make


def weights(run: Path) -> dict[str, Any]:
    return dict(load_network(run / "model.pt").module.state_dict())


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def numbered(*values: int) -> Any:
    """Pictures that are all one number."""
    return torch.tensor(values, dtype=torch.float32)[:, None, None, None].expand(-1, 3, 4, 4).clone()


def test_a_run_leaves_the_generator_and_its_figures(chosen: Chosen, tmp_path: Path) -> None:
    figures: dict[str, float] = {}
    train("cyclegan", chosen(), RunFolder(tmp_path / "run"), lambda step, found: figures.update(found))
    assert {"painted", "framed", "cycle", "identity", "outside", "critic_paintings", "critic_frames"} <= figures.keys()
    assert {"generators_loss", "critics_loss", "held_out_style", "held_out_flicker"} <= figures.keys()
    loaded = load_network(tmp_path / "run" / "model.pt")
    assert (loaded.spec.family, loaded.spec.options["widths"]) == ("transformer", [4, 4, 8])
    assert loaded.contract == CycleGANMethod.contract
    assert read_image(tmp_path / "run" / "pictures" / "0000004.jpg").shape == (72, 48, 3)  # given, made, a painting


def test_a_stopped_run_goes_on_to_the_same_weights(
    chosen: Chosen, stopped: Callable[..., None], tmp_path: Path
) -> None:
    settings = chosen(steps=6, judge_every=0)
    train("cyclegan", settings, RunFolder(tmp_path / "whole"), lambda step, figures: None)
    stopped("cyclegan", settings, tmp_path / "broken", 3)
    train("cyclegan", settings, RunFolder(tmp_path / "broken"), lambda step, figures: None, resume=True)
    assert alike(weights(tmp_path / "whole"), weights(tmp_path / "broken"))
    states = [RunFolder(tmp_path / run).load_state()["players"]["critics"]["module"] for run in ("whole", "broken")]
    assert alike(*states)
    assert int(states[0]["paintings.passed"]) == 12
    train("cyclegan", chosen(seed=1, judge_every=0), RunFolder(tmp_path / "other"), lambda step, figures: None)
    assert not alike(weights(tmp_path / "whole"), weights(tmp_path / "other"))


def test_a_step_that_was_broken_off_leaves_the_pools_as_they_were(
    chosen: Chosen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = chosen(steps=6, judge_every=0)
    train("cyclegan", settings, RunFolder(tmp_path / "whole"), lambda step, figures: None)
    criticised, turns = CycleGANMethod._criticised, []

    def broken_off(self: CycleGANMethod, *given: Any) -> Any:
        terms = criticised(self, *given)
        turns.append(terms)
        if len(turns) == 5:
            raise KeyboardInterrupt
        return terms

    monkeypatch.setattr(CycleGANMethod, "_criticised", broken_off)
    with pytest.raises(KeyboardInterrupt):
        train("cyclegan", settings, RunFolder(tmp_path / "broken"), lambda step, figures: None)
    assert RunFolder(tmp_path / "broken").load_state()["step"] == 4
    train("cyclegan", settings, RunFolder(tmp_path / "broken"), lambda step, figures: None, resume=True)
    assert alike(weights(tmp_path / "whole"), weights(tmp_path / "broken"))


def test_there_and_back_comes_nearer_and_the_critics_learn(chosen: Chosen, tmp_path: Path) -> None:
    lines: list[dict[str, float]] = []
    settings = chosen(steps=30, batch=1, learning_rate=5e-3, critic_rate=2e-3, judge_every=0)
    train("cyclegan", settings, RunFolder(tmp_path / "run"), lambda step, figures: lines.append(dict(figures)))

    def mean(name: str, part: slice) -> float:
        values = [line[name] for line in lines[part]]
        return sum(values) / len(values)

    for name in ("cycle", "identity", "critic_paintings"):
        assert mean(name, slice(-6, None)) < 0.95 * mean(name, slice(0, 6)), name


def test_each_player_leaves_the_others_alone(chosen: Chosen) -> None:
    settings = chosen()
    method = CycleGANMethod(settings, open_material(settings, torch.device("cpu")))
    batch = torch.utils.data.default_collate([method.frames[index] for index in range(2)])
    generators, critics = method.players()
    critics.module.requires_grad_(False)
    sum(generators.terms(generators.module, batch).values()).backward()  # type: ignore[union-attr]
    assert all(parameter.grad is None for parameter in critics.module.parameters())
    assert all(parameter.grad is not None for parameter in generators.module.parameters())
    critics.module.requires_grad_(True)
    before = [parameter.grad.clone() for parameter in generators.module.parameters()]
    sum(critics.terms(critics.module, batch).values()).backward()  # type: ignore[union-attr]
    assert all(parameter.grad is not None for parameter in critics.module.parameters())
    assert all(
        torch.equal(parameter.grad, old) for parameter, old in zip(generators.module.parameters(), before, strict=True)
    )


def test_a_pool_hands_out_what_passed_before() -> None:
    pool = PicturePool(4, 4, seed=0)
    shown = []
    for first in range(0, 40, 2):
        shown += pool.exchanged(numbered(first, first + 1))[:, 0, 0, 0].int().tolist()
        pool.keep()
    assert shown[:4] == [0, 1, 2, 3]
    assert all(shown.count(number) == 1 for number in shown if number > 3)  # a new one takes its place
    assert all(shown.count(number) <= 2 for number in range(4))  # what filled the pool was shown as it came
    old = [place for place, number in enumerate(shown) if number != place]
    assert len(old) > 10
    assert all(shown[place] < place for place in old)
    assert len(old) < 30  # the newest ones are shown as well


def test_an_exchange_that_is_not_kept_can_be_done_again() -> None:
    pool, other = PicturePool(2, 4, seed=3), PicturePool(2, 4, seed=3)
    for first in range(0, 20, 2):
        fakes = numbered(first, first + 1)
        other.exchanged(fakes + 50)  # broken off
        assert torch.equal(pool.exchanged(fakes), other.exchanged(fakes))
        for one in (pool, other):
            one.keep()
    assert int(pool.passed) == 20
    assert torch.equal(PicturePool(0, 4, seed=3).exchanged(fakes), fakes)


def test_weights_of_nothing_still_train(chosen: Chosen, tmp_path: Path) -> None:
    settings = chosen(weights=Weights(identity=0.0, outside=0.0), pool=0, steps=2, judge_every=0)
    train("cyclegan", settings, RunFolder(tmp_path / "run"), lambda step, figures: None)
    assert (tmp_path / "run" / "model.pt").is_file()
