"""The game comes first: what is watched may take what is left of the processor."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

NICE = 19  # the highest; the page stays usable because its pictures are sent by other threads


def give_way() -> None:
    """Let this thread, and those that its engine starts, run behind the game; where the system can't, all are equal."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
