"""Fix: rewrites what a target refuses or computes differently into an equal graph that it takes."""

from __future__ import annotations

from stylebridge.opcheck.fix.driver import fix
from stylebridge.opcheck.fix.outcome import Fix, Left, Outcome

__all__ = ["Fix", "Left", "Outcome", "fix"]
