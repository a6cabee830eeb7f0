"""Without OpenGL: colour only, said so in one line."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.scene.render import host, open_renderer

from .testlevel import body, small_level, snapshot

SIZE = (160, 90)


def test_it_draws_colour_the_same_twice() -> None:
    pictures = []
    for _ in range(2):
        renderer = open_renderer(small_level(), (body(),), SIZE, mode="software")
        assert renderer.planes == ("color",)
        pictures.append([renderer.draw(snapshot(i)).color for i in (0, 30)])
        renderer.close()
    assert np.array_equal(pictures[0], pictures[1])
    assert pictures[0][0].shape == (90, 160, 3)
    assert not np.array_equal(pictures[0][0], pictures[0][1])


def test_it_shows_what_opengl_shows(opengl: str) -> None:
    soft = open_renderer(small_level(), (body(),), SIZE, mode="software")
    hard = open_renderer(small_level(), (body(),), SIZE, mode="offscreen")
    a, b = soft.draw(snapshot(0)).color.astype(float), hard.draw(snapshot(0)).color.astype(float)
    right = np.corrcoef(a.ravel(), b.ravel())[0, 1]
    assert right > 0.6
    assert right > np.corrcoef(a[::-1].ravel(), b.ravel())[0, 1] + 0.3
    soft.close()
    hard.close()


def test_other_planes_are_refused() -> None:
    renderer = open_renderer(small_level(), (), SIZE, mode="software")
    with pytest.raises(InputError, match="'depth' is not drawn here; expected color"):
        renderer.draw(snapshot(0), ("color", "depth"))
    renderer.close()


def test_resize_and_close() -> None:
    renderer = open_renderer(small_level(), (body(),), SIZE, mode="software")
    renderer.resize((97, 33))
    assert renderer.draw(snapshot(0)).color.shape == (33, 97, 3)
    renderer.close()
    renderer.close()
    with pytest.raises(StylebridgeError, match="closed"):
        renderer.draw(snapshot(0))


def test_auto_falls_back_and_says_which_packages_help(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> host.Host:
        raise host.no_gl("libEGL.so.1 is missing")

    monkeypatch.setattr(host, "offscreen_host", missing)
    renderer = open_renderer(small_level(), (), SIZE)
    assert renderer.planes == ("color",)
    assert "libEGL.so.1 is missing" in renderer.note and "libegl1" in renderer.note
    renderer.close()
    with pytest.raises(InputError, match="apt-get install libegl1"):
        open_renderer(small_level(), (), SIZE, mode="offscreen")
