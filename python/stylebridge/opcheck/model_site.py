"""ModelSite: a whole model on one target, where a gate says what happens to it."""

from __future__ import annotations

from stylebridge.opcheck.draft import Draft
from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import Array, Graph
from stylebridge.targets import Target


class ModelSite:
    """A gate reads the graph here, tells what the target does, and changes the draft into what it computes with."""

    def __init__(self, graph: Graph, target: Target, draft: Draft) -> None:
        self.graph = graph
        self.target = target
        self.draft = draft
        self.findings: list[Finding] = []
        self.lost_outputs: set[str] = set()
        self.gives_up = False  # nothing can be said about the nodes

    def since(self, release: str) -> bool:
        """Whether the target is this release or a newer one."""
        return self.target.release >= tuple(int(part) for part in release.split("."))

    def rejects(self, where: str, reason: str, remedy: str = "") -> None:
        """The import of the whole file is refused; `where` names the tensor, input or node."""
        self._say(Verdict.REJECTED, True, where, reason, remedy)

    def throws(self, where: str, reason: str, remedy: str = "") -> None:
        """It imports, and fails when it is run."""
        self._say(Verdict.THROWS, False, where, reason, remedy)

    def alters(self, where: str, reason: str, remedy: str = "", *, warned: bool = False) -> None:
        """It runs and computes something else; `warned` when the engine says so."""
        self._say(Verdict.ALTERED, warned, where, reason, remedy)

    def warns(self, where: str, reason: str) -> None:
        """The engine prints a warning, and the numbers are right."""
        self._say(Verdict.OK, True, where, reason, "")

    def stores(self, initializer: str, numbers: Array) -> None:
        """The engine reads these numbers where the file holds others."""
        self.draft.set_constant(initializer, numbers)

    def loses(self, output: str) -> None:
        """The engine never makes this output."""
        self.lost_outputs.add(output)

    def _say(self, verdict: Verdict, warned: bool, where: str, reason: str, remedy: str) -> None:
        self.findings.append(Finding(verdict, warned, where, "", reason, remedy))
