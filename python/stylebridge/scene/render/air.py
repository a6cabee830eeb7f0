"""Weather into light: what the lighting and the sky are told about one snapshot."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.render.optics import checked_direction
from stylebridge.scene.render.panda import panda_matrix, vector, vector_array
from stylebridge.scene.render.shaders import program
from stylebridge.scene.render.shadows import Shadows
from stylebridge.scene.snapshot import Matrix, Snapshot, Weather

MAX_LAMPS = 8
LAMP_REACH_M = 14.0
LAMP_COLOR = (5.0, 3.1, 1.5)
FOG_HEIGHT_M = 18.0
_LAMP_REACH_FROM_EYE_M = 60.0


def set_air(
    light: Any,
    sky: Any,
    snapshot: Snapshot,
    lamps: NDArray[np.float64],
    camera: Matrix,
    shadows: Shadows,
    quality: frozenset[str] = frozenset(),
) -> None:
    """Tell both about sun, sky, fog, wetness, lamps and shadows; `camera` is eye -> world."""
    weather = snapshot.weather
    sun = checked_direction(weather.sun_direction)
    for path in (light, sky):
        path.set_shader_input("sun_direction", vector(*sun))
        path.set_shader_input("sun_color", vector(*weather.sun_color))
        path.set_shader_input("exposure", float(weather.exposure))
    sky.set_shader_input("zenith", vector(*weather.zenith))
    sky.set_shader_input("horizon", vector(*weather.horizon))
    night = _night(weather)
    sky.set_shader(program("screen", "sky", quality | ({"FAR", "NIGHT"} if night > 0 else {"FAR"})))
    sky.set_shader_input("sky", vector(weather.clouds, night, snapshot.simulation_s * 0.0016 % 5.0, 0.0))
    sky_light = 0.62 * np.asarray(weather.zenith) + 0.38 * np.asarray(weather.horizon)
    light.set_shader_input("sky_light", vector(*sky_light))
    light.set_shader_input("bounce", vector(*weather.bounce))
    light.set_shader_input("fog_color", vector(*weather.fog_color))
    light.set_shader_input("air", vector(weather.fog_per_m, weather.wet, weather.lamps, FOG_HEIGHT_M))
    light.set_shader_input("still_shadow_matrix", panda_matrix(shadows.still_matrix))
    light.set_shader_input("moving_shadow_matrix", panda_matrix(shadows.moving_matrix))
    switches = quality | ({"FAR", "WET"} if weather.wet > 0 else {"FAR"})
    if weather.lamps > 0 and len(lamps):
        switches |= {"LAMPS"}
        _set_lamps(light, lamps, camera, weather)
    light.set_shader(program("screen", "light", switches))


def _set_lamps(light: Any, lamps: NDArray[np.float64], camera: Matrix, weather: Weather) -> None:
    """The nearest lamps to a point ahead of the eye."""
    focus = camera[:3, 3] - 8.0 * camera[:3, 2]
    distance = np.linalg.norm(lamps - focus, axis=1)
    order = np.argsort(distance, kind="stable")[:MAX_LAMPS]
    chosen = order[distance[order] < _LAMP_REACH_FROM_EYE_M]
    rows = np.zeros((MAX_LAMPS, 4), np.float32)
    rows[: len(chosen), :3] = lamps[chosen]
    rows[:, 3] = LAMP_REACH_M
    light.set_shader_input("lamps", vector_array(rows))
    light.set_shader_input("lamp_count", len(chosen))
    light.set_shader_input("lamp_color", vector(*(part * weather.lamps for part in LAMP_COLOR)))


def _night(weather: Weather) -> float:
    """0 by day to 1 by night, from how dark the sky overhead is."""
    return float(np.clip(1.0 - sum(weather.zenith) / 0.12, 0.0, 1.0))
