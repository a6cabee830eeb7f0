"""Settings: what is read from TOML and words, what is refused, what is written comes back the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from stylebridge.errors import InputError

pytest.importorskip("torch")

from stylebridge.train.methods import NAMES, method_called
from stylebridge.train.methods.johnson import Johnson
from stylebridge.train.settings import (
    FREE,
    Settings,
    fixed_part,
    flat,
    names_of,
    nested,
    read_settings,
    toml_from_settings,
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("explained", [False, True])
def test_what_is_written_is_read_back(name: str, explained: bool, tmp_path: Path) -> None:
    kind = method_called(name).settings
    words = ["seed=7", 'data="my \\"play\\" #1.mcap"', "learning_rate=2e-4"]
    settings = read_settings(kind, None, words, {"style": ["a.png"]})
    (tmp_path / "s.toml").write_text(toml_from_settings(settings, explained=explained))
    assert read_settings(kind, tmp_path / "s.toml", [], {}) == settings


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_says_what_it_means(name: str) -> None:
    lines = toml_from_settings(method_called(name).settings(), explained=True).splitlines()
    assert [line for line in lines if line and not line.startswith("[") and "  # " not in line] == []


def test_words_win_over_options_and_options_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('method = "johnson"\ndata = "file"\nsteps = 5\nbatch = 2\n[weights]\ntv = 1.0\n')
    settings = read_settings(Johnson, tmp_path / "s.toml", ["steps=9", "weights.style=2"], {"data": "option"})
    assert (settings.data, settings.steps, settings.batch) == ("option", 9, 2)
    assert (settings.weights.tv, settings.weights.style) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("steps", "expected key=value"),
        ("steps=many", "Expected `int`, got `str`"),
        ("batch=0", "Expected `int` >= 1"),
        ("average=1.0", "Expected `float` < 1"),
        ("weights.stile=1", "unknown setting `stile`"),
        ("steps.more=1", "steps is no table"),
        ("held_out=nan", "held_out"),
    ],
)
def test_a_word_that_means_nothing_is_refused(word: str, found: str) -> None:
    with pytest.raises(InputError, match=found):
        read_settings(Johnson, None, ["steps=3", word], {})


@pytest.mark.parametrize("content", [b"steps = ", b"\xff\xfe", b"#" * (2 << 20)])
def test_a_file_that_is_no_toml_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_bytes(content)
    with pytest.raises(InputError, match=r"s\.toml"):
        read_settings(Johnson, tmp_path / "s.toml", [], {})
    with pytest.raises(InputError, match=r"none\.toml: can't be read"):
        read_settings(Johnson, tmp_path / "none.toml", [], {})


def test_what_a_resumed_run_may_change_is_a_setting_of_every_method() -> None:
    assert set(names_of(Settings)) > FREE
    assert not FREE & fixed_part(Johnson()).keys()
    assert "weights" in fixed_part(Johnson())


def test_flat_and_nested_undo_each_other() -> None:
    table = {"a": 1, "b": {"c": [1], "d": {"e": 2}}}
    assert flat(table) == {"a": 1, "b.c": [1], "b.d.e": 2}
    assert nested(flat(table)) == table
