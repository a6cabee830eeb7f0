"""External data: brought inside, and never read from elsewhere than beside the model."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from stylebridge.errors import InputError
from stylebridge.opcheck.fix import fix
from stylebridge.opcheck.numbers import close

from .mending import PICTURE, picture, ran, random

TARGET = "barracuda-3.0.1"


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    made = picture("a = Conv(x, w)\n y = Celu(a)", weights={"w": random(32, 4, 3, 3)})
    onnx.save(made, str(path), save_as_external_data=True, location="weights.bin", size_threshold=0)
    return path


def spoiled(path: Path, **entries: str) -> Path:
    made = onnx.load(str(path), load_external_data=False)
    for entry in made.graph.initializer[0].external_data:
        entry.value = entries.get(entry.key, entry.value)
    path.write_bytes(made.SerializeToString())
    return path


def test_weights_beside_the_model_are_brought_inside(stored: Path) -> None:
    outcome = fix(stored, TARGET)
    assert outcome.ok
    assert outcome.fixes[0].how == "1 initializer brought inside from other files"
    assert not any(t.external_data for t in outcome.model.graph.initializer)
    feeds = {"x": random(*PICTURE)}
    assert close(ran(outcome.model, feeds)[0], ran(onnx.load(str(stored)), feeds)[0])


@pytest.mark.parametrize(
    "entries",
    [
        {"location": "../weights.bin"},
        {"location": "/etc/passwd"},
        {"location": "none.bin"},
        {"location": ""},
        {"offset": "-8"},
        {"offset": "99999999"},
        {"offset": "many"},
        {"length": "4"},
    ],
)
def test_a_place_that_is_not_inside_the_file_is_refused(stored: Path, entries: dict[str, str]) -> None:
    (stored.parent.parent / "weights.bin").write_bytes(bytes(8000))
    with pytest.raises(InputError, match="initializer 'w'"):
        fix(spoiled(stored, **entries), TARGET)


def test_a_link_that_leads_elsewhere_is_refused(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "weights.bin"
    (stored.parent / "weights.bin").rename(elsewhere)
    (stored.parent / "weights.bin").symlink_to(elsewhere)
    with pytest.raises(InputError, match="beside the model"):
        fix(stored, TARGET)


def test_more_than_a_file_can_hold_is_refused_before_it_is_read(stored: Path) -> None:
    made = onnx.load(str(stored), load_external_data=False)
    made.graph.initializer[0].dims[0] = 1 << 40
    stored.write_bytes(made.SerializeToString())
    with pytest.raises(InputError, match="at most"):
        fix(stored, TARGET)
