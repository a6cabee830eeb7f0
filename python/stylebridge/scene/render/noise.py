"""The picture of clouds and stars that the sky is made of, the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.render.panda import panda

_SIDE = 256


def sky_texture() -> Any:
    """RGBA: soft noise, fine noise, other soft noise, stars; repeats."""
    core = panda()
    rng = np.random.default_rng(20)
    stars = np.zeros((_SIDE, _SIDE))
    stars[rng.integers(0, _SIDE, 260), rng.integers(0, _SIDE, 260)] = rng.uniform(0.5, 1.0, 260)
    planes = [_fractal(rng, 3), _fractal(rng, 5), _fractal(rng, 4), stars]
    picture = (np.stack(planes, axis=2) * 255).round().astype(np.uint8)
    texture = core.Texture("noise")
    texture.setup_2d_texture(_SIDE, _SIDE, core.Texture.T_unsigned_byte, core.Texture.F_rgba8)
    texture.set_ram_image(np.ascontiguousarray(picture[:, :, [2, 1, 0, 3]]).tobytes())
    texture.set_minfilter(core.SamplerState.FT_linear_mipmap_linear)
    texture.set_magfilter(core.SamplerState.FT_linear)
    for set_wrap in (texture.set_wrap_u, texture.set_wrap_v):
        set_wrap(core.SamplerState.WM_repeat)
    return texture


def _fractal(rng: np.random.Generator, first_octave: int) -> NDArray[np.float64]:
    """[side,side] of 0 to 1, even in its distribution: waves of random phase whose strength falls with frequency."""
    frequency = np.fft.fftfreq(_SIDE, 1 / _SIDE)
    distance = np.hypot(frequency[:, None], frequency[None, :])
    strength = np.where(distance < 2 ** (first_octave - 2), 0.0, 1.0 / np.maximum(distance, 1.0) ** 1.7)
    phases = np.exp(2j * np.pi * rng.random((_SIDE, _SIDE)))
    waves = np.fft.ifft2(strength * phases).real
    ranks = np.empty(waves.size)
    ranks[np.argsort(waves, axis=None)] = np.linspace(0, 1, waves.size)
    return ranks.reshape(waves.shape)
