"""Why engines that run one model showed different pictures: the parity check, on the first moments of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from stylebridge.compare.agreement import Pair
from stylebridge.compare.columns import Column
from stylebridge.compare.diagnosis.lanes import GameIds
from stylebridge.compare.moments import Moment
from stylebridge.compare.running import Stop
from stylebridge.errors import StylebridgeError
from stylebridge.frame import Frame

CAUSE_FRAMES = 2  # that a cause is looked for in


class Keeper:
    """Keeps the first moments, for what is looked into afterwards."""

    def __init__(self, source: str) -> None:
        self.moments: list[Moment] = []  # under the ids that their game gave the frames
        self._ids = GameIds(source)

    @property
    def frames(self) -> list[Frame]:
        """Those of the moments."""
        return [moment.frame for moment in self.moments]

    def look(self, moment: Moment) -> None:
        """Keep it, if it is among the first."""
        if len(self.moments) < CAUSE_FRAMES:
            self.moments.append(replace(moment, frame=self._ids.applied(moment.frame)))

    def recorded(self, column: int, path: Path) -> str:
        """What a column showed, as a source: a live engine doesn't show it again."""
        from stylebridge.recording import Details, Writer

        with Writer(path, Details("what an engine showed"), force=True) as writer:
            for moment in self.moments:
                picture = moment.pictures[column]
                if picture is not None:
                    writer.write(Frame(color=picture, clock=moment.frame.clock, session=moment.frame.session))
        return f"recording:{path}"


def find_causes(
    pairs: Sequence[Pair],
    columns: Sequence[Column],
    keeper: Keeper,
    contract: str,
    progress: Callable[[str, int, int], None],
    stop: Stop,
) -> dict[str, str]:
    """The likeliest cause by the pair's title, in the words of the parity check.

    Whoever ended the frames with Ctrl-C wants to know it all the same; the next Ctrl-C ends the search.
    """
    asked = stop.asked
    apart = [pair for pair in pairs if pair.same_model and pair.verdict == "not the same"]
    causes: dict[str, str] = {}
    for done, pair in enumerate(apart):
        progress("looking for causes", done, len(apart))
        if stop.asked and not asked:
            break
        try:
            words = _cause(pair, columns, keeper, contract)
        except KeyboardInterrupt:
            break
        except (StylebridgeError, ModuleNotFoundError):
            continue  # the pair's figures stand without a cause
        if words:
            causes[pair.title] = words
    return causes


def _cause(pair: Pair, columns: Sequence[Column], keeper: Keeper, contract: str) -> str:
    from stylebridge.compare.diagnosis.parity import parity

    plans = {index: columns[index].plan for index in (pair.first, pair.second)}
    with TemporaryDirectory(prefix="stylebridge-") as folder:
        words = [
            keeper.recorded(index, Path(folder) / f"{index}.mcap") if plan.shows else f"{plan.engine}={plan.file}"
            for index, plan in plans.items()
        ]
        rows = parity(plans[pair.first].file, words, keeper.frames, contract=contract, by_id=True).rows
    return next((row.cause.words for row in rows if row.cause is not None), "")
