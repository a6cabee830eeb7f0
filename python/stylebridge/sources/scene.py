"""The embedded game as a source: `scene:plaza?seed=7&weather=clear&hour=17.5&camera=follow+tour`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.scene.game import Setup
from stylebridge.scene.stage import Mode, Stage
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source

MODES: dict[str, Mode] = {"auto": "auto", "gl": "offscreen", "software": "software"}


class Scene(Source):
    """Frames of the embedded game, as many as one likes; each camera's in turn.

    A frame's colour is steadied by the one drawn before it, so it depends a little on which moments were skipped.
    """

    motion_spans_skips = True
    repeatable = True

    def __init__(self, name: str, stage: Stage, size: tuple[int, int]) -> None:
        super().__init__(name)
        self.stage = stage
        self.size = size
        self.fps = stage.fps
        self.turns = len(stage.game.cameras)
        self.seed = stage.game.setup.seed
        note = stage.renderer.note
        self.problems = [note] if note else []
        self._drawn: list[Frame] = []
        self._begun = False

    def keep(self, received: Mapping[str, int], planes: Sequence[str] = ()) -> None:
        """Draw only what is kept."""
        if planes:
            self.stage.want([name for name in self.stage.planes if name in planes])

    def read(self) -> Frame | None:
        """Draw the next moment, or hand out the next camera's picture of this one."""
        if not self._drawn:
            self._pass(1)
            self._drawn = self.stage.draw()
        return self._drawn.pop(0)

    def skip(self, count: int) -> None:
        """Let moments pass undrawn; the next motion then spans them."""
        cameras = len(self.stage.game.cameras)
        while count and (self._drawn or count < cameras):
            self.read()
            count -= 1
        self._pass(count // cameras)
        for _ in range(count % cameras):
            self.read()

    def close(self) -> None:
        """Let go of the graphics."""
        super().close()
        self.stage.close()

    def _pass(self, moments: int) -> None:
        """The first moment needs no time before it."""
        if moments and not self._begun:
            self._begun, moments = True, moments - 1
        self.stage.ahead(moments)


def open_scene(where: str, options: Options) -> Source:
    """Open a level by its name."""
    values = options.values
    try:
        hour = float(values.get("hour", "10"))
    except ValueError as error:
        raise InputError(f"hour={values['hour']}", expected="0 to 24", where=options.where) from error
    mode = values.get("mode", "auto")
    if mode not in MODES:
        raise InputError(f"mode={mode}", expected=", ".join(MODES), where=options.where)
    setup = Setup(
        level=where,
        seed=options.integer("seed", 7, low=0) or 0,
        characters=options.integer("characters", 6, low=1) or 1,
        weather=values.get("weather", "clear"),
        hour=hour,
        day_s=options.number("day") or 0.0,
        cameras=tuple(values.get("camera", "follow").split("+")),
        quality=values.get("quality", "auto"),
    )
    planes = tuple(values["planes"].split("+")) if "planes" in values else tuple(PLANES)
    size = options.size("size") or (640, 360)
    stage = Stage(setup, size=size, planes=planes, fps=options.number("fps") or 30.0, mode=MODES[mode])
    return Scene(f"scene:{where}", stage, size)
