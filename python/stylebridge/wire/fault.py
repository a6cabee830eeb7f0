"""What can be wrong with a message or a peer; every fault has a code that both languages share."""

from __future__ import annotations

from stylebridge.errors import InputError
from stylebridge.wire.layout import Error


class WireFault(InputError):
    """A message that can't be taken, or a peer that can't be served."""

    def __init__(self, code: Error, found: str, *, expected: str = "", do: str = "", where: object = "") -> None:
        super().__init__(found, expected=expected, do=do, where=where)
        self.code = code

    @property
    def word(self) -> str:
        """The code as JSON spells it."""
        return self.code.name.lower()


class LinkFault(InputError):
    """The other side of a link can't be had; `step` is how far the handshake came."""

    exit_code = 1

    def __init__(self, found: str, *, step: str, expected: str = "", do: str = "", where: object = "") -> None:
        super().__init__(f"{found} (step: {step})", expected=expected, do=do, where=where)
        self.step = step
