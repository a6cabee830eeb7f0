"""Recorded camera paths: kept exactly, played back smoothly, refused when they make no sense."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.scene.camerapath import CameraPath, Recorded, read_path
from stylebridge.scene.viewing import look_at


class Nobody:
    position = np.zeros(3)
    heading_rad = 0.0


def walk(keys: int = 5) -> CameraPath:
    path = CameraPath()
    for number in range(keys):
        path.add(10 + number / 2, look_at((number, 0.0, 2.0), (number, 5.0, 1.0 + number / 10)), 50 + number)
    return path


def view_at(path: CameraPath, seconds: float) -> tuple[np.ndarray, float]:
    camera = Recorded(path)
    camera.advance(1 / 60, Nobody(), seconds)
    return camera.view()


def test_a_saved_path_comes_back(tmp_path: Path) -> None:
    walk().save(tmp_path / "walk.path")
    assert read_path(tmp_path / "walk.path") == walk()


@pytest.mark.parametrize("number", range(4))
def test_at_its_keys_it_shows_what_was_recorded(number: int) -> None:
    view, fov = view_at(walk(), number / 2)
    assert np.allclose(view, look_at((number, 0.0, 2.0), (number, 5.0, 1.0 + number / 10)), atol=1e-5)
    assert fov == pytest.approx(50 + number)


def test_between_keys_it_moves_evenly() -> None:
    view, fov = view_at(walk(), 0.25)
    eye = -view[:3, :3].T @ view[:3, 3]
    assert np.allclose(eye, (0.5, 0.0, 2.0), atol=1e-5)
    assert np.allclose(view[:3, :3] @ view[:3, :3].T, np.eye(3), atol=1e-9)
    assert fov == pytest.approx(50.5)


def test_at_its_end_it_starts_over() -> None:
    assert np.allclose(view_at(walk(), 2.25)[0], view_at(walk(), 0.25)[0])


def test_one_key_stands_still() -> None:
    assert np.array_equal(view_at(walk(1), 0.0)[0], view_at(walk(1), 7.0)[0])


GOOD = '{"t":0.0,"view":[1,0,0,0,0,1,0,0,0,0,1,0]}'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 lines"),
        ("no path", ":1: "),
        (f"{GOOD}\n{GOOD}", ":2: time 0.0 after 0.0"),
        ('{"t":0.0,"view":[1,0,0,0,0,1,0,0,0,0,1]}', ":1: "),
        ('{"t":0.0,"view":[2,0,0,0,0,1,0,0,0,0,1,0]}', "isn't a turn"),
        ('{"t":0.0,"view":[-1,0,0,0,0,1,0,0,0,0,1,0]}', "isn't a turn"),
        ('{"t":0.0,"view":[1,0,0,1e30,0,1,0,0,0,0,1,0]}', "isn't a turn"),
        ('{"t":0.0,"view":[1,0,0,0,0,1,0,0,0,0,1,0],"fov":200}', ":1: "),
    ],
)
def test_what_is_no_path_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.path").write_text(text)
    with pytest.raises(InputError, match=re.escape(says)):
        read_path(tmp_path / "bad.path")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.path.*can't be read"):
        read_path(tmp_path / "none.path")


def test_while_the_clock_stands_a_camera_is_kept_once() -> None:
    path, before = walk(), len(walk().keys)
    path.add(path.keys[-1].t, look_at((9.0, 9.0, 2.0), (0.0, 5.0, 1.0)), 50)
    assert len(path.keys) == before


def test_a_path_too_long_for_its_file_gets_coarser_and_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylebridge.scene.camerapath.MAX_PATH_KEYS", 4)
    path = walk(9)
    assert len(path.keys) <= 4
    assert (path.keys[0].t, path.keys[-1].t) == (10.0, 14.0)
