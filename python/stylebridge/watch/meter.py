"""The flicker meter of one column: compare.flicker's, from one picture to the next and without keeping the past."""

from __future__ import annotations

from stylebridge.compare.temporal.flicker import NEAR_ONLY, SOURCE, FlickerMeter
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.watch.moment import Steadiness

SHOWN = "shown"
ANEW_AFTER = 2000  # pictures; the measuring meter keeps every figure, and a page may stay open for weeks


class Meter:
    """Measures what is shown while frames follow each other; `note` says why nothing is measured."""

    def __init__(self) -> None:
        self.note = ""
        self._count = 0
        self.forget()

    def forget(self) -> None:
        """The next picture follows nothing."""
        self._measuring = FlickerMeter((SHOWN,), NEAR_ONLY)
        self._count = 0

    def add(self, frame: Frame, picture: ColorPlane) -> Steadiness | None:
        """The change since the last picture; None where none can be told.

        Frames follow each other by their ids; one's motion leads back to the one before.
        """
        if picture.shape[:2] != frame.color.shape[:2]:
            self.note = "flicker isn't measured: the picture's size isn't the game's"
            self.forget()
            return None
        if self._count >= ANEW_AFTER:
            self.forget()
        self._count += 1
        try:
            errors = self._measuring.add(frame, picture)
        except InputError as error:
            self.note = f"flicker isn't measured: {error.found}; {error.do}"
            self.forget()
            return None
        shown, game = errors[SHOWN], errors[SOURCE]
        if frame.motion is not None:
            self.note = ""
        return Steadiness(shown.plain, game.plain) if shown is not None and game is not None else None
