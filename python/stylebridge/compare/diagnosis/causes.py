"""Why do two pictures of one frame differ? Tries every known fault on the reference and sees what explains the other.

A fault is never read off the pictures: the reference is cooked again with the fault in it, and what then comes closest
to the other picture is the cause. So a cause is named with how much of the difference it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np

from stylebridge.compare.diagnosis.faults import PLAIN, Fault, faults
from stylebridge.compare.diagnosis.kitchen import Infer, Kitchen, Recipe
from stylebridge.compare.quality import psnr_from_mean_square
from stylebridge.contract import PixelContract
from stylebridge.frame import ColorPlane, Frame

EXACT_DB = 50.0  # closer than this, nothing is left to explain
GAIN_DB = 10.0  # a cause must take away nine tenths of the squared error
SECOND_DB = 6.0  # a second fault is believed only if it takes away three quarters of what the first one left
TIE_DB = 0.1
HINT_DB = 3.0  # less than this of one fault doesn't call for a second one, where the weights are known to differ
NOISE_DB = 60.0  # better than this is the luck of single pixels
SMALL_DB = 40.0  # a difference as small as this, which nothing explains, is arithmetic
PART = 0.5  # of the squared error, taken away: worth a word, though not the whole cause
CHECKED = 6  # hypotheses that are looked at on every frame
LISTED = 6

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Variant:
    """Another network that may have been run in the model's place, and what that would be called."""

    cause: str
    words: str
    infer: Infer
    contract: PixelContract


@dataclass(frozen=True)
class Cause:
    """One explanation and what it leaves unexplained; `faults` holds the kinds, two where two came together."""

    faults: tuple[str, ...]
    words: str
    left_db: float  # PSNR between the reference with this fault and the other picture
    explained: float  # share of the squared error that is gone
    ends: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values; an infinite PSNR is null."""
        left = round(self.left_db, 3) if np.isfinite(self.left_db) else None
        return {
            "faults": list(self.faults),
            "words": self.words,
            "left_psnr_db": left,
            "explained": round(self.explained, 5),
        }


@dataclass(frozen=True)
class Diagnosis:
    """The causes, likeliest first. `certain`: the first one explains nearly all of the difference."""

    verdict: Literal["explained", "partly", "unexplained"]
    causes: tuple[Cause, ...]
    tried: int
    alike: tuple[str, ...] = ()  # explanations that this model and these frames can't tell from the first

    @property
    def words(self) -> str:
        """The likeliest cause as a sentence."""
        return self.causes[0].words

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        causes = [cause.as_json() for cause in self.causes]
        return {"verdict": self.verdict, "causes": causes, "alike": list(self.alike), "tried": self.tried}


@dataclass(frozen=True)
class _Tried:
    faults: tuple[Fault, ...]
    recipe: Recipe
    error: float  # mean squared

    @property
    def db(self) -> float:
        return psnr_from_mean_square(self.error)

    @property
    def rank(self) -> tuple[float, int, int]:
        """Fewer faults first, then the plainer end."""
        return min(self.db, NOISE_DB), -len(self.faults), -max((PLAIN.index(_end(f)) for f in self.faults), default=0)


def diagnose(
    infer: Infer,
    contract: PixelContract,
    frames: Sequence[Frame],
    shown: Sequence[ColorPlane],
    variants: Sequence[Variant] = (),
    weights: str = "",
    progress: Progress = lambda done, total: None,
) -> Diagnosis:
    """What was done to the reference, a network under a contract, so that it shows these pictures of these frames.

    `weights` says what is known of the other's stored weights, "same …" or "other …", for when nothing explains it.
    """
    networks: dict[str, Infer] = {"": infer} | {f"variant {i}": variant.infer for i, variant in enumerate(variants)}
    search = _Search(Kitchen(networks), contract, frames, shown, progress)
    search.run([*faults(contract, (frames[0].height, frames[0].width)), *_of_variants(variants)], weights)
    return search.diagnosis(weights)


class _Search:
    """The hypotheses tried so far."""

    def __init__(
        self,
        kitchen: Kitchen,
        contract: PixelContract,
        frames: Sequence[Frame],
        shown: Sequence[ColorPlane],
        progress: Progress,
    ) -> None:
        self.kitchen, self.frames, self.shown, self.progress = kitchen, frames, shown, progress
        self.plain = Recipe(contract)
        self.tried: list[_Tried] = []
        self.before = self._error(self.plain, range(len(frames)))
        errors = [self._error(self.plain, [index]) for index in range(len(frames))]
        self.at = int(np.argmax(np.nan_to_num(errors, posinf=0)))  # the frame that tells most

    def run(self, known: Sequence[Fault], weights: str) -> None:
        """One fault at a time; two where one doesn't do."""
        self._try([(fault,) for fault in known])
        best = self._best()
        gain = best.db - psnr_from_mean_square(self.before) if best else 0.0
        if (best is None or best.db < EXACT_DB) and not (weights.startswith("other") and gain < HINT_DB):
            core = [fault for fault in known if fault.core]
            pairs = [pair for pair in combinations(core, 2) if pair[0].cause != pair[1].cause]
            firsts = [one.faults[0] for one in sorted(self.tried, key=lambda one: one.error)[:LISTED]]
            rest = [fault for fault in known if not fault.core]
            pairs += [(a, b) for a in firsts for b in rest if a.cause != b.cause and a is not b]
            self._try(sorted(pairs, key=lambda pair: [fault.end != "network" for fault in pair]))
        self._check_on_all()

    def diagnosis(self, weights: str) -> Diagnosis:
        """The causes in order, and how sure the first is."""
        best = self._best()
        gain = best.db - psnr_from_mean_square(self.before) if best else 0.0
        explained = best is not None and (best.db >= EXACT_DB or gain >= GAIN_DB) and gain > TIE_DB
        listed = self._listed(best)
        if best is not None and explained:
            twins = [one for one in self._ordered() if one is not best and abs(one.rank[0] - best.rank[0]) <= TIE_DB]
            alike = tuple(_words(one.faults) for one in twins if len(one.faults) == len(best.faults))
            return Diagnosis("explained", listed, len(self.tried), alike[:LISTED])
        partly = best is not None and not weights.startswith("other") and self._fits_partly(best)
        unknown = _unexplained(psnr_from_mean_square(self.before), weights)
        causes = (*listed, unknown) if partly else (unknown, *listed)
        return Diagnosis("partly" if partly else "unexplained", causes, len(self.tried))

    def _try(self, hypotheses: Sequence[tuple[Fault, ...]]) -> None:
        for done, chosen in enumerate(hypotheses):
            self.progress(done, len(hypotheses))
            recipe = self.plain
            for fault in sorted(chosen, key=lambda fault: fault.end != "network"):  # a variant brings its own contract
                recipe = fault.change(recipe)
            self.tried.append(_Tried(chosen, recipe, self._error(recipe, [self.at])))
        self.progress(len(hypotheses), len(hypotheses))

    def _check_on_all(self) -> None:
        """The likeliest on every frame, so that the luck of one picture names nothing."""
        if len(self.frames) == 1:
            return
        order = self._ordered()
        everywhere = range(len(self.frames))
        sure = [replace(one, error=self._error(one.recipe, everywhere)) for one in order[:CHECKED]]
        self.tried = sure + order[CHECKED:]

    def _error(self, recipe: Recipe, indices: Sequence[int] | range, centred: bool = False) -> float:
        """Mean squared error over these frames; `centred` takes each channel's mean difference out first."""
        total, count = 0.0, 0
        for index in indices:
            made, wanted = self.kitchen.picture(recipe, self.frames[index]), self.shown[index]
            if made is None or made.shape != wanted.shape:
                return float("inf")
            apart = made.astype(np.int16) - wanted
            total += float(np.square(apart, dtype=np.int32).sum(dtype=np.int64))
            total -= float(np.square(apart.mean(axis=(0, 1))).sum()) * apart[..., 0].size if centred else 0.0
            count += apart.size
        return total / max(count, 1)

    def _ordered(self) -> list[_Tried]:
        return sorted((one for one in self.tried if np.isfinite(one.error)), key=lambda one: one.rank, reverse=True)

    def _best(self) -> _Tried | None:
        """The closest; of those that tie the plainest, and one fault rather than two unless two are much closer."""
        order = self._ordered()
        if not order:
            return None
        single = self._closest([one for one in order if len(one.faults) == 1])
        double = self._closest([one for one in order if len(one.faults) == 2])
        if single is None or double is None:
            return single or double
        return double if min(double.db, NOISE_DB) - min(single.db, NOISE_DB) >= SECOND_DB else single

    @staticmethod
    def _closest(order: Sequence[_Tried]) -> _Tried | None:
        """Of those within a tie of the closest, the one that stands first among the plain ones."""
        if not order:
            return None
        tied = [one for one in order if one.rank[0] >= order[0].rank[0] - TIE_DB]
        return max(tied, key=lambda one: one.rank[1:])

    def _listed(self, best: _Tried | None) -> tuple[Cause, ...]:
        """The best of each kind, the likeliest first; two together only where both are needed."""
        alone: dict[str, float] = {}
        for one in self._ordered():
            if len(one.faults) == 1:
                alone.setdefault(one.faults[0].cause, one.db)
        found: dict[tuple[str, ...], Cause] = {}
        for one in ([best] if best else []) + self._ordered():
            if len(one.faults) == 2 and one.db < max(alone.get(f.cause, 0) for f in one.faults) + SECOND_DB:
                continue
            cause = self._cause(one)
            if cause.explained > 0:
                found.setdefault(cause.faults, cause)
            if len(found) == LISTED:
                break
        return tuple(found.values())

    def _fits_partly(self, one: _Tried) -> bool:
        """Whether it takes away much of the squared error, also where brightness and colour as a whole don't count."""
        return all(
            self._error(one.recipe, [self.at], centred) <= (1 - PART) * self._error(self.plain, [self.at], centred)
            for centred in (False, True)
        )

    def _cause(self, one: _Tried) -> Cause:
        explained = 1 - one.error / self.before if self.before > 0 else 0.0
        kinds, ends = (tuple(getattr(f, name) for f in one.faults) for name in ("cause", "end"))
        return Cause(kinds, _words(one.faults), one.db, explained, ends)


def _of_variants(variants: Sequence[Variant]) -> Iterator[Fault]:
    for index, variant in enumerate(variants):

        def change(recipe: Recipe, index: int = index, contract: PixelContract = variant.contract) -> Recipe:
            return replace(recipe, network=f"variant {index}", contract=contract)

        yield Fault(variant.cause, "network", variant.words, change, core=True)


def _end(fault: Fault) -> str:
    return "" if fault.end == "network" else fault.end


def _words(chosen: Sequence[Fault]) -> str:
    return "; and ".join(fault.words for fault in chosen)


def _unexplained(before_db: float, weights: str) -> Cause:
    if weights.startswith("other"):
        return Cause(("weights",), f"other weights: {weights.removeprefix('other').strip(' :')}", before_db, 0.0)
    if before_db >= SMALL_DB:
        words = "small differences everywhere: another precision, a lossy recording, or the order of sums"
        return Cause(("arithmetic",), words, before_db, 0.0)
    if weights.startswith("same"):
        words = (
            f"the weights are the {weights} and no fault at either end explains it: stylebridge bisect names the layer"
        )
        return Cause(("network",), words, before_db, 0.0)
    words = "other weights, or another network: no fault that was tried explains it"
    return Cause(("weights",), words, before_db, 0.0)
