"""Rules: one file per operator, or per handful that behave alike. Each says which it is for and, per engine line, what
happens:

    OPERATORS = ("Conv",)

    def barracuda(site: Site) -> None: ...
    def sentis(site: Site) -> None: ...

A missing function means that the engine computes these operators as ONNX does.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType

from stylebridge.opcheck.site import Site

Rule = Callable[[Site], None]


@cache
def rule_modules() -> dict[str, ModuleType]:
    """The module that knows each operator."""
    found: dict[str, ModuleType] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        for op in module.OPERATORS:
            if op in found:
                raise TypeError(f"two rules for {op}: {found[op].__name__} and {module.__name__}")
            found[op] = module
    return found


def rule_for(op: str, line: str) -> Rule | None:
    """The rule of an operator for a line of engines."""
    module = rule_modules().get(op)
    return None if module is None else getattr(module, line, None)
