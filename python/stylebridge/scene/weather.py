"""Weather by name and hour: where the sun or the moon stands, and what light the sky gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.scene.snapshot import Rgb, Weather

_LATITUDE = math.radians(46.0)
_DECLINATION = math.radians(11.0)  # late April: long golden hours, noon shadows that still show
_LOWEST_LIGHT = math.sin(math.radians(4.0))  # a lower light makes shadows without end
_MOON_RISES = -3.5  # degrees of the sun; between its set and this neither throws a shadow

_COLUMNS = ("sun", "zenith", "horizon", "bounce")
# Degrees that the sun stands above the horizon -> its colour, the sky's above and at its rim, the ground's; exposure.
_LIGHT: tuple[tuple[float, Rgb, Rgb, Rgb, Rgb, float], ...] = (
    (-24.0, (0.00, 0.00, 0.00), (0.020, 0.034, 0.098), (0.044, 0.066, 0.150), (0.017, 0.021, 0.034), 1.22),
    (-11.0, (0.00, 0.00, 0.00), (0.024, 0.044, 0.140), (0.066, 0.100, 0.240), (0.020, 0.023, 0.040), 1.25),
    (-6.0, (0.00, 0.00, 0.00), (0.055, 0.096, 0.290), (0.330, 0.280, 0.400), (0.055, 0.052, 0.076), 1.40),
    (-1.5, (0.00, 0.00, 0.00), (0.100, 0.140, 0.350), (0.800, 0.430, 0.330), (0.110, 0.085, 0.085), 1.35),
    (2.0, (1.75, 0.66, 0.19), (0.130, 0.190, 0.430), (0.920, 0.540, 0.330), (0.150, 0.100, 0.076), 1.25),
    (8.0, (2.95, 1.50, 0.56), (0.120, 0.200, 0.450), (0.760, 0.580, 0.420), (0.180, 0.130, 0.090), 1.10),
    (18.0, (3.05, 2.18, 1.26), (0.100, 0.185, 0.450), (0.580, 0.590, 0.590), (0.200, 0.160, 0.110), 0.82),
    (35.0, (3.10, 2.70, 2.10), (0.085, 0.190, 0.500), (0.470, 0.590, 0.720), (0.200, 0.165, 0.115), 0.76),
    (60.0, (3.20, 2.95, 2.50), (0.075, 0.185, 0.520), (0.430, 0.580, 0.760), (0.200, 0.170, 0.120), 0.72),
)
_MOONLIGHT = np.array([0.30, 0.44, 0.74])
_GREY = np.array([0.93, 0.98, 1.04])


@dataclass(frozen=True, slots=True)
class _Air:
    """What a kind of weather does to the light of a clear day."""

    clouds: float
    sun: float  # share of the sun that comes through
    overcast: float  # 0 to 1: how grey the sky is
    dark: float = 1.0  # how bright the grey sky is, compared with a clear one
    fog_per_m: float = 0.0022
    wet: float = 0.0
    wind: float = 1.0
    lamps: float = 0.0  # lamps are lit at least this much


_AIRS: Mapping[str, _Air] = {
    "clear": _Air(clouds=0.32, sun=1.0, overcast=0.0),
    "cloudy": _Air(clouds=0.68, sun=0.72, overcast=0.35, fog_per_m=0.003, wind=1.3),
    "fog": _Air(clouds=0.55, sun=0.38, overcast=0.80, dark=1.4, fog_per_m=0.026, wet=0.25, wind=0.4, lamps=0.35),
    "wet": _Air(clouds=0.84, sun=0.34, overcast=0.72, dark=0.80, fog_per_m=0.006, wet=0.95, wind=1.5, lamps=0.30),
    "storm": _Air(clouds=0.97, sun=0.07, overcast=0.95, dark=0.42, fog_per_m=0.008, wet=0.65, wind=3.0, lamps=0.60),
}
WEATHERS: Mapping[str, str] = {
    "clear": "blue sky, a few clouds, long views",
    "cloudy": "broken clouds, softer light",
    "fog": "white air, outlines in layers",
    "wet": "after rain: dark shining ground, lamps lit early",
    "storm": "a low dark sky and hard wind",
}


@lru_cache(maxsize=8)  # the sun mostly stands still
def weather_at(name: str, hour: float, seed: int) -> Weather:
    """The weather of this name at an hour of the day, which wraps at 24; the seed makes one day unlike another."""
    if name not in _AIRS:
        raise InputError(f"unknown weather {name!r}", expected=" or ".join(_AIRS))
    if not math.isfinite(hour):
        raise InputError(f"an hour of {hour}", expected="0 to 24")
    if seed < 0:
        raise InputError(f"a weather's seed of {seed}", expected="0 or more")
    turn, haze, cover, gusts = np.random.default_rng([seed, 77]).uniform(-1.0, 1.0, 4)
    sun = _sun_place(hour % 24.0, 0.2 * turn)
    weather = _clear_light(name, sun, 0.2 * turn, hour % 24.0)
    weather = _through(_AIRS[name], weather)
    return replace(
        weather,
        fog_per_m=float(weather.fog_per_m * (1.0 + 0.2 * haze)),
        clouds=float(np.clip(weather.clouds + 0.06 * cover, 0.0, 1.0)),
        wind=float(weather.wind * (1.0 + 0.2 * gusts)),
    )


def sunlit_hours() -> tuple[float, float]:
    """When the sun rises and sets."""
    half_day = math.acos(-math.tan(_LATITUDE) * math.tan(_DECLINATION)) / (2.0 * math.pi) * 24.0
    return 12.0 - half_day, 12.0 + half_day


def _sun_place(hour: float, turn: float) -> NDArray[np.float64]:
    """The unit vector towards the sun: east in the morning, south at noon, west in the evening."""
    angle = (hour - 12.0) / 24.0 * 2.0 * math.pi
    east = -math.cos(_DECLINATION) * math.sin(angle)
    noon = math.cos(_DECLINATION) * math.cos(angle)
    north = math.sin(_DECLINATION) * math.cos(_LATITUDE) - noon * math.sin(_LATITUDE)
    up = math.sin(_DECLINATION) * math.sin(_LATITUDE) + noon * math.cos(_LATITUDE)
    c, s = math.cos(turn), math.sin(turn)
    return np.array([c * east - s * north, s * east + c * north, up])


def _clear_light(name: str, sun: NDArray[np.float64], turn: float, hour: float) -> Weather:
    degrees = math.degrees(math.asin(float(np.clip(sun[2], -1.0, 1.0))))
    at = [row[0] for row in _LIGHT]
    table = np.array([[*row[1], *row[2], *row[3], *row[4], row[5]] for row in _LIGHT])  # [rows,13]
    row = np.array([np.interp(degrees, at, column) for column in table.T])
    light = {kind: row[3 * k : 3 * k + 3] for k, kind in enumerate(_COLUMNS)}
    direction, color = sun, light["sun"]
    if degrees < _MOON_RISES:
        direction = _sun_place((hour + 12.0) % 24.0, turn)  # full: it stands where the sun was twelve hours ago
        color = _MOONLIGHT * _smooth(-degrees, -_MOON_RISES, 11.0)
    return Weather(
        name=name,
        sun_direction=_rgb(_not_too_low(direction)),
        sun_color=_rgb(color),
        zenith=_rgb(light["zenith"]),
        horizon=_rgb(light["horizon"]),
        bounce=_rgb(light["bounce"]),
        lamps=_smooth(-degrees, -4.0, 4.0),
        exposure=float(row[12]),
    )


def _through(air: _Air, weather: Weather) -> Weather:
    """The light that is left under these clouds."""
    zenith, horizon, sun = (np.array(part) for part in (weather.zenith, weather.horizon, weather.sun_color))
    bright = float(horizon @ (0.2126, 0.7152, 0.0722)) * air.dark
    grey_low, grey_high = bright * _GREY, bright * 0.72 * _GREY
    horizon = horizon + (grey_low - horizon) * air.overcast
    zenith = zenith + (grey_high - zenith) * air.overcast
    dull = float(sun @ (0.2126, 0.7152, 0.0722))
    sun = air.sun * (sun + (dull - sun) * air.overcast * 0.6)
    return replace(
        weather,
        sun_color=_rgb(sun),
        zenith=_rgb(zenith),
        horizon=_rgb(horizon),
        bounce=_rgb(np.array(weather.bounce) * (0.45 + 0.55 * air.sun)),
        fog_color=_rgb(horizon * 0.88 + zenith * 0.12),
        fog_per_m=air.fog_per_m,
        clouds=air.clouds,
        wet=air.wet,
        lamps=max(weather.lamps, air.lamps),
        wind=air.wind,
    )


def _not_too_low(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same compass direction, at least a few degrees above the horizon."""
    flat = math.hypot(direction[0], direction[1])
    up = max(float(direction[2]), _LOWEST_LIGHT)
    return np.array([*(direction[:2] * (math.sqrt(1.0 - up * up) / flat)), up])


def _smooth(value: float, low: float, high: float) -> float:
    t = min(max((value - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def _rgb(values: NDArray[np.float64]) -> Rgb:
    return (float(values[0]), float(values[1]), float(values[2]))
