"""Gates: what concerns the model as a whole rather than one operator; one file per matter, run before the rules.

Each module has, per engine line, a function that takes a `ModelSite`; a missing one means that all is well. They run in
the order of their names.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType

from stylebridge.opcheck.model_site import ModelSite

Gate = Callable[[ModelSite], None]


@cache
def gate_modules() -> tuple[ModuleType, ...]:
    """The modules, in the order in which they run."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def gates_for(line: str) -> list[Gate]:
    """All gates of a line of engines."""
    return [getattr(module, line) for module in gate_modules() if hasattr(module, line)]
