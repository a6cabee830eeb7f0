"""One pass over measured cases: what the check and the emulation say, beside what the engines did."""

from __future__ import annotations

import multiprocessing
from collections.abc import Collection, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from .measured import Case, compare_outputs, expected, judge

WORKERS = 2
RAN = ("ok", "altered", "ran")
Pair = tuple[Case, Collection[str]]  # a case, and the targets on which no model tells its verdict


@dataclass
class Agreement:
    """Per target, which verdicts, warnings and outputs are the engine's, and which are not."""

    verdicts: dict[str, list[bool]] = field(default_factory=dict)
    warnings: dict[str, list[bool]] = field(default_factory=dict)
    outputs: dict[str, list[bool]] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def add(self, case: Case, target: str) -> None:
        """Judge one case on one target."""
        _, right, spoke, said = judge(case, target)
        self.verdicts.setdefault(target, []).append(right)
        if spoke is not None:
            self.warnings.setdefault(target, []).append(spoke)
        if not right or spoke is False:
            self._note(target, f"{case.name}: measured {case.verdicts[target]}, check says {said}")

    def add_numbers(self, case: Case, target: str) -> None:
        """Compare the numbers, where the engine ran and its own were kept."""
        if case.outputs.get(target) and expected(case.verdicts[target])[0] in RAN:
            difference = compare_outputs(case, target)
            self.outputs.setdefault(target, []).append(not difference)
            if difference:
                self._note(target, f"{case.name}: {difference}")

    def take(self, other: Agreement) -> None:
        """Add what another pass found."""
        for mine, theirs in (
            (self.verdicts, other.verdicts),
            (self.warnings, other.warnings),
            (self.outputs, other.outputs),
        ):
            for target, values in theirs.items():
                mine.setdefault(target, []).extend(values)
        for target, texts in other.wrong.items():
            self.wrong.setdefault(target, []).extend(texts)

    def listing(self, *targets: str) -> str:
        """What disagrees, for whoever has to mend it."""
        chosen = [(target, text) for target in targets or self.wrong for text in self.wrong.get(target, ())]
        return "\n".join(f"{target}  {text}" for target, text in chosen)

    def _note(self, target: str, text: str) -> None:
        self.wrong.setdefault(target, []).append(text)


def agreement_on(pairs: Iterable[Pair]) -> Agreement:
    """Judge all pairs, on two processors where there are two."""
    listed = list(pairs)
    found = Agreement()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        for part in pool.map(_judged, [listed[start::WORKERS] for start in range(WORKERS)]):
            found.take(part)
    return found


def _judged(pairs: list[Pair]) -> Agreement:
    found = Agreement()
    for case, untold in pairs:
        for target in case.verdicts:
            if target not in untold:
                found.add(case, target)
            found.add_numbers(case, target)
    return found
