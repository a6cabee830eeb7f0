"""The flicker of every column over a comparison, where the frames have motion, and the words where they haven't."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stylebridge.compare.columns import Column
from stylebridge.compare.moments import Moment
from stylebridge.compare.temporal.flicker import Curve, Flicker, FlickerMeter
from stylebridge.compare.temporal.warping import HOW_TO_GET_MOTION
from stylebridge.errors import InputError

GAME = "Game"
Values = list[float | None]


class Flickering:
    """Watches all columns; one that failed somewhere is measured up to there."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.missing = ""  # why there is no flicker to show
        self._titles = [column.title for column in columns]
        self._until: list[int | None] = [None] * len(columns)  # frames up to the first that wasn't shown
        self._meter = FlickerMeter([f"{index}" for index in range(len(columns))])
        self._frames = 0
        self._moving = False

    def look(self, moment: Moment) -> None:
        """Measure what was shown."""
        if self.missing:
            return
        frame, shown = moment.frame, []
        self._frames += 1
        self._moving |= frame.motion is not None
        for index, picture in enumerate(moment.pictures):
            fits = picture is not None and picture.shape[:2] == (frame.height, frame.width)
            if not fits and self._until[index] is None:
                self._until[index] = moment.number
            shown.append(picture if fits and picture is not None else frame.rgb)
        try:
            self._meter.add(frame, *shown)
        except InputError as error:
            self.missing = (
                f"{error.found[:1].upper()}{error.found[1:]}, so flicker can't be measured. To get motion, {error.do}."
            )

    def curves(self) -> dict[str, Values]:
        """The plain error of every frame against the one before: the game's own first, then each column's."""
        if self._words():
            return {}
        found: dict[str, Values] = {}
        for index, title in enumerate(self._titles):
            found.setdefault(GAME, self._meter.result(f"{index}").source_near.plain)
            found[title] = self._result(index).near.plain
        return found

    def results(self) -> dict[str, Flicker]:
        """Each column's figures, of those that showed two frames in a row."""
        if self._words():
            return {}
        found = {title: self._result(index) for index, title in enumerate(self._titles)}
        return {title: result for title, result in found.items() if result.mean is not None}

    def as_json(self) -> dict[str, Any]:
        """The figures of every column, or why there are none."""
        words = self._words()
        return {"missing": words} if words else {name: result.as_json() for name, result in self.results().items()}

    def why_not(self) -> str:
        """Why there is nothing to show; empty where there is."""
        return self._words()

    def _words(self) -> str:
        if self.missing:
            return self.missing
        if not self._moving:
            return f"The frames have no motion, so flicker can't be measured. To get motion, {HOW_TO_GET_MOTION}."
        if self._frames < 2:
            return "Flicker shows from one frame to the next; there was only one."
        if self._cuts == self._frames - 1:
            return (
                "No frame follows the one before it, so flicker can't be measured."
                " Of several cameras or games, choose one: add ?camera=NAME or ?game=NAME to the source."
            )
        return ""

    @property
    def _cuts(self) -> int:
        return self._meter.result("0").cuts if self._titles else 0

    def _result(self, index: int) -> Flicker:
        result, until = self._meter.result(f"{index}"), self._until[index]
        if until is None:
            return result
        # The game's own as well, or a column that ended in a calm moment would seem calmer beside all of it.
        whole = (result.near, result.far, result.source_near, result.source_far)
        near, far, source_near, source_far = (Curve(tuple(curve.errors[:until])) for curve in whole)
        return Flicker(near, far, source_near, source_far, result.span, result.cuts)
