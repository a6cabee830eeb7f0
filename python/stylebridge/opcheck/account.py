"""Account: what was found about a node that an engine changes in several ways at once, told as one finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from stylebridge.opcheck.site import Site


@dataclass
class Account:
    """What was found about a node: how it differs from what is written, and whether the importer speaks."""

    changes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    attribute: str = ""
    lasting: Callable[[], None] | None = None  # nodes for any size, where those that were judged fit usual sizes only

    def change(self, text: str, attribute: str = "", *, warned: bool = False) -> None:
        """Something is not done as written."""
        self.changes.append(text)
        self.attribute = self.attribute or attribute
        if warned:
            self.warnings.append(text)

    def settle(self, site: Site, remedy: str) -> None:
        """Say `altered` where the numbers really differ, else pass on the warnings."""
        if self.changes:
            site.alters_if_different("; ".join(self.changes), remedy, self.attribute, warned=bool(self.warnings))
        else:
            for text in self.warnings:
                site.warns(text)
        if self.lasting is not None:
            self.lasting()
