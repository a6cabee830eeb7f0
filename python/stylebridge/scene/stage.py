"""Stage: the game and its renderer together; gives frames, and does what a control asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.scene.camerapath import CameraPath
from stylebridge.scene.game import Game, Pad, Setup
from stylebridge.scene.render import Renderer, open_renderer
from stylebridge.scene.snapshot import Snapshot

Mode = Literal["auto", "offscreen", "window", "software"]
MAX_FPS = 240.0


class Stage:
    """Draws a game frame by frame; `ahead` moves it on without drawing, and motion then spans the gap.

    Where nobody holds the pad, the game has already played the next moment when a frame is handed out, and the driver
    computes its picture meanwhile; so a control that concerns the game's clock is felt one frame later. A picture that
    isn't what is asked for next is dropped.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        size: tuple[int, int] = (640, 360),
        planes: Sequence[str] = tuple(PLANES),
        fps: float = 30.0,
        mode: Mode = "auto",
    ) -> None:
        if not 1 <= fps <= MAX_FPS:
            raise InputError(f"{fps:g} frames per second", expected=f"1 to {MAX_FPS:g}", where=f"scene:{setup.level}")
        self.game = Game(setup)
        self.fps = fps
        self.scale = 1.0  # of the game's clock
        self.path: CameraPath | None = None  # filled while somebody wants the camera's path
        self._mode = mode
        self._renderer = self._opened(self.game, size)
        self._planes = self._choose(planes)
        self._frame_id = 0
        self._shots: list[Snapshot] = []  # of the moment that the game has reached, once somebody has looked
        self._is_ahead = False  # whether that moment follows the one drawn last

    @property
    def renderer(self) -> Renderer:
        """What draws."""
        return self._renderer

    @property
    def planes(self) -> tuple[str, ...]:
        """What each frame holds."""
        return self._planes

    def draw(self, *, held: bool = False) -> list[Frame]:
        """This moment as each camera sees it, once; `held` where somebody decides what the hero does next."""
        shots = self._look()
        if self.path is not None:
            self.path.add(shots[0].simulation_s, shots[0].eye.view, shots[0].eye.fov_y_deg)
        if held:
            return [self._renderer.draw(shot, planes=self._planes) for shot in shots]
        self._pass_by(None)
        self._is_ahead = True
        pairs = zip(shots, self._look(), strict=True)
        return [self._renderer.draw(shot, planes=self._planes, following=after) for shot, after in pairs]

    def ahead(self, frames: int, pad: Pad | None = None) -> None:
        """Let the time of some frames pass."""
        for _ in range(frames):
            if self._is_ahead:
                self._is_ahead = False
            else:
                self._pass_by(pad)

    def want(self, planes: Sequence[str]) -> None:
        """Draw these planes from now on, as far as it can; colour always."""
        self._planes = tuple(name for name in self._renderer.planes if name == "color" or name in planes)

    def close(self) -> None:
        """Let go of the graphics."""
        self._renderer.close()

    def controls(self) -> Mapping[str, Callable[[dict[str, Any]], dict[str, Any] | None]]:
        """What the other end of a link may ask for, by the names of the protocol."""
        return {
            "reset": self._reset,
            "resolution": self._resolution,
            "time_scale": self._time_scale,
            "camera": self._camera,
        }

    def _opened(self, game: Game, size: tuple[int, int]) -> Renderer:
        return open_renderer(game.level, game.bodies, size, self._mode, game.setup.quality)

    def _pass_by(self, pad: Pad | None) -> None:
        """The time of one frame in the game."""
        self.game.advance(self.scale / self.fps, pad)
        self._frame_id += 1
        self._shots = []

    def _look(self) -> list[Snapshot]:
        """This moment as each camera sees it."""
        if not self._shots:
            self._shots = self.game.snapshots(self._frame_id)
        return self._shots

    def _choose(self, planes: Sequence[str]) -> tuple[str, ...]:
        for name in planes:
            if name not in PLANES:
                raise InputError(f"plane {name!r}", expected=", ".join(PLANES))
        return tuple(name for name in self._renderer.planes if name == "color" or name in planes)

    def _reset(self, args: dict[str, Any]) -> dict[str, Any]:
        self._shots, self._is_ahead = [], False
        game = Game(replace(self.game.setup, seed=args["seed"]))
        fresh = self._opened(game, self._renderer.size)
        self._renderer.close()
        self.game, self._renderer = game, fresh
        if self.path is not None:
            self.path.keys.clear()  # its clock begins anew
        return {"seed": args["seed"]}

    def _resolution(self, args: dict[str, Any]) -> dict[str, Any]:
        self._renderer.resize((args["width"], args["height"]))
        return dict(args)

    def _time_scale(self, args: dict[str, Any]) -> dict[str, Any]:
        self.scale = float(args["scale"])
        return {"scale": self.scale}

    def _camera(self, args: dict[str, Any]) -> dict[str, Any]:
        if args["name"].startswith("path:"):
            raise InputError("a file's name over the link", expected="follow, or one of: " + ", ".join(self.shots()))
        self.game.choose_camera(args["name"])
        self._shots = []
        return {"name": args["name"]}

    def shots(self) -> tuple[str, ...]:
        """The level's scripted cameras."""
        return tuple(self.game.level.shots)
