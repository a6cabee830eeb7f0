"""Weather is light that makes sense at every hour."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.scene.weather import WEATHERS, sunlit_hours, weather_at

HOURS = np.arange(0.0, 24.0, 0.1)


def numbers(name: str, hour: float, seed: int = 7) -> np.ndarray:  # type: ignore[type-arg]
    parts = astuple(weather_at(name, float(hour), seed))[1:]
    return np.concatenate([np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in parts])


@pytest.mark.parametrize("name", WEATHERS)
def test_values_are_finite_and_in_range_all_day(name: str) -> None:
    for hour in HOURS:
        weather = weather_at(name, float(hour), 7)
        assert np.isfinite(numbers(name, hour)).all()
        assert np.linalg.norm(weather.sun_direction) == pytest.approx(1.0, abs=1e-9)
        assert weather.sun_direction[2] > 0.05  # whatever throws the shadows is above the horizon
        for share in (weather.clouds, weather.wet, weather.lamps):
            assert 0.0 <= share <= 1.0
        assert numbers(name, hour)[3:].min() >= 0.0 and weather.exposure > 0.1


@pytest.mark.parametrize("name", WEATHERS)
def test_light_changes_gently(name: str) -> None:
    now = np.array([numbers(name, hour)[3:] for hour in HOURS])
    step = np.abs(np.diff(np.concatenate([now, now[:1]]), axis=0)).max()
    assert step < 0.6, "a tenth of an hour changed the light at once"


def test_light_jumps_to_the_moon_only_in_the_dark() -> None:
    for early, late in pairwise(HOURS):
        one, two = weather_at("clear", float(early), 7), weather_at("clear", float(late), 7)
        if np.dot(one.sun_direction, two.sun_direction) < 0.9:
            assert max(*one.sun_color, *two.sun_color) < 0.03


def test_sun_goes_from_east_over_south_to_west() -> None:
    assert weather_at("clear", 8.0, 7).sun_direction[0] > 0.4
    assert weather_at("clear", 12.0, 7).sun_direction[1] < -0.4
    assert weather_at("clear", 16.5, 7).sun_direction[0] < -0.4


def test_golden_hour_is_warmer_than_noon_and_night_is_blue() -> None:
    def warmth(hour: float) -> float:
        sun = weather_at("clear", hour, 7).sun_color
        return sun[0] / sun[2]

    rise, sets = sunlit_hours()
    assert warmth(sets - 0.7) > 2.0 * warmth(12.0) and warmth(rise + 0.7) > 2.0 * warmth(12.0)
    assert warmth(0.5) < 0.7
    assert sum(weather_at("clear", 0.5, 7).zenith) < 0.2 < sum(weather_at("clear", 12.0, 7).zenith)


def test_lamps_are_lit_at_night_and_early_in_bad_weather() -> None:
    assert weather_at("clear", 12.0, 7).lamps == 0.0 and weather_at("clear", 23.0, 7).lamps == 1.0
    assert weather_at("storm", 12.0, 7).lamps > 0.3


def test_weathers_differ_as_their_names_say() -> None:
    clear, fog, wet, storm = (weather_at(name, 12.0, 7) for name in ("clear", "fog", "wet", "storm"))
    assert fog.fog_per_m > 5.0 * clear.fog_per_m
    assert wet.wet > 0.8 and clear.wet == 0.0
    assert storm.wind > 2.0 * clear.wind and sum(storm.sun_color) < 0.2 * sum(clear.sun_color)


def test_hours_wrap_and_seeds_tell_days_apart() -> None:
    assert weather_at("clear", 25.5, 7) == weather_at("clear", 1.5, 7)
    assert weather_at("clear", 12.0, 7) == weather_at("clear", 12.0, 7)
    assert weather_at("clear", 12.0, 7) != weather_at("clear", 12.0, 8)


@pytest.mark.parametrize(
    ("name", "hour", "seed", "message"),
    [
        ("snow", 12.0, 7, "unknown weather 'snow'"),
        ("clear", float("nan"), 7, "hour of nan"),
        ("clear", 12.0, -2, "seed of -2"),
    ],
)
def test_nonsense_is_refused(name: str, hour: float, seed: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        weather_at(name, hour, seed)


def test_unknown_weather_lists_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        weather_at("snow", 12.0, 7)
    assert all(name in str(caught.value) for name in WEATHERS)
