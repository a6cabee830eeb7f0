"""Which behaviour's sensors become cameras, and what is said when there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stylebridge.errors import InputError
from stylebridge.sources.mlagents.faults import MAX_MESSAGE_BYTES, OBSERVATION, ZEROMQ, plain
from stylebridge.sources.mlagents.pictures import Sensor, sensors_of
from stylebridge.sources.mlagents.settings import Settings
from stylebridge.wire.fault import LinkFault

MOST_NAMED = 20  # in one message


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at."""

    behavior: str
    cameras: tuple[Sensor, ...]
    depth: Sensor | None
    notes: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int] | None:
        """The size that all cameras share."""
        sizes = {(camera.width, camera.height) for camera in self.cameras}
        return sizes.pop() if len(sizes) == 1 else None


def is_named(behavior: str, wanted: str) -> bool:
    """Whether a behaviour is meant; ML-Agents adds ?team=0 to the name that a person has given it."""
    return wanted in ("", behavior, behavior.partition("?")[0])


def choose_view(infos: Mapping[str, Sequence[Any]], settings: Settings) -> View | None:
    """The behaviour to look at, and its cameras; None when there is none yet."""
    seen = {name: _pictures(agents[0].observations) for name, agents in infos.items() if agents}
    found = [name for name, pictures in seen.items() if pictures and is_named(name, settings.behavior)]
    if not found:
        return None
    pictures = seen[found[0]]
    depth = _named(settings.depth, sensors_of(infos[found[0]][0].observations), "depth", settings)
    cameras = [sensor for sensor in pictures if sensor != depth]
    if settings.camera:
        chosen = _named(settings.camera, pictures, "camera", settings)
        cameras = [sensor for sensor in cameras if sensor == chosen]
    if not cameras:
        raise InputError("no camera is left beside the depth", expected="another sensor", where=settings.name)
    if depth and any((depth.width, depth.height) != (camera.width, camera.height) for camera in cameras):
        raise InputError(f"depth={depth.name} has another size than the camera", where=settings.name)
    return View(found[0], tuple(cameras), depth, tuple(_notes(found, cameras)))


def _pictures(observations: Sequence[Any]) -> list[Sensor]:
    return [sensor for sensor in sensors_of(observations) if sensor.picture]


def _named(name: str, sensors: Sequence[Sensor], option: str, settings: Settings) -> Sensor | None:
    if not name:
        return None
    for sensor in sensors:
        if sensor.name == name:
            return sensor
    known = " or ".join(sensor.name for sensor in sensors[:MOST_NAMED])
    raise InputError(f"{option}={name}", expected=known, where=settings.name)


def _notes(behaviors: Sequence[str], cameras: Sequence[Sensor]) -> list[str]:
    notes = []
    if len(behaviors) > 1:
        others = ", ".join(_short(name) for name in behaviors[1:6])
        notes.append(f"only {plain(behaviors[0])} is taken; choose others with ?behavior=NAME: {others}")
    largest = max(cameras, key=lambda sensor: sensor.width * sensor.height * sensor.channels)
    bound = largest.width * largest.height * max(3, largest.channels)
    if bound > MAX_MESSAGE_BYTES:
        notes.append(
            f"a PNG of {largest.name} ({largest.width}x{largest.height}) can grow beyond the"
            f" {MAX_MESSAGE_BYTES >> 20} MiB of a gRPC message, which would end the frames; {ZEROMQ}"
        )
    return notes


def nothing_to_see(infos: Mapping[str, Sequence[Any]], settings: Settings) -> LinkFault | InputError:
    """What is said about a game that shows no picture."""
    names = [_short(name) for name in infos][:MOST_NAMED]
    if not names:
        found = "the game has registered no behaviour"
        do = "check that its scene has an enabled Agent with Behavior Parameters and a Decision Requester"
        return LinkFault(found, step=OBSERVATION, do=do, where=settings.name)
    if not any(is_named(name, settings.behavior) for name in infos):
        return InputError(f"behavior={settings.behavior}", expected=" or ".join(names), where=settings.name)
    others = [_described(name, agents[0].observations) for name, agents in infos.items() if agents]
    return LinkFault(
        f"no agent sees a picture: {'; '.join(others)[:300] or 'no agent has reported'}",
        step=OBSERVATION,
        do="add a Camera Sensor (or a Render Texture Sensor) component to the agent, and build the player again",
        where=settings.name,
    )


def _short(behavior: str) -> str:
    """The name that a person has given."""
    return plain(behavior.partition("?")[0])


def _described(name: str, observations: Sequence[Any]) -> str:
    shapes = ", ".join("x".join(map(str, list(seen.shape)[:4])) for seen in list(observations)[:4])
    return f"{_short(name)} observes {shapes or 'nothing'}"
