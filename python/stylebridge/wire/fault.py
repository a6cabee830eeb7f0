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


def timed_out(step: str, timeout_s: float, because: str, where: object) -> LinkFault:
    """What a game is told that has waited in vain, by how far it came."""
    found, do = {
        "connect": ("nobody listens there", "start the collector first, for instance: stylebridge listen"),
        "encryption": (
            "the collector doesn't accept this game's keys, or isn't a collector",
            "check --key and --peer here, --key and --allow there",
        ),
        "hello": ("the collector doesn't answer HELLO", "look whether the collector hangs"),
        "stream": (
            f"no acknowledgement in {timeout_s:g} s",
            "look whether the collector hangs, or give it more time",
        ),
    }[step]
    if because and step != "stream":
        found += f" ({because})"
    return LinkFault(found, step=step, do=do, where=where)
