"""Reads the names that a pickle would call, without running it."""

from __future__ import annotations

import pickletools
import sys
from collections.abc import Iterator
from io import BytesIO

_LEGACY_PICKLES = 5  # before torch 1.6: magic, version, system, the object, storage keys
_PYTHON_2_MODULES = {"__builtin__", "commands", "copy_reg", "nt", "posix"}


def foreign_global(data: bytes) -> str | None:
    """The first name in a checkpoint's pickles that plain tensors don't need, for example posix.system."""
    return next((name for name in _globals(data) if not _belongs_to_tensors(name)), None)


def from_python_itself(name: str) -> bool:
    """Whether the name is Python's own, so that it stands for a call and not for somebody's network."""
    root = name.partition(".")[0]
    return root in sys.stdlib_module_names or root in _PYTHON_2_MODULES


def _belongs_to_tensors(name: str) -> bool:
    return name == "collections.OrderedDict" or (name.startswith("torch.") and not name.startswith("torch.nn."))


def _globals(data: bytes) -> Iterator[str]:
    stream = BytesIO(data)
    for _ in range(_LEGACY_PICKLES):
        try:
            yield from _globals_of_one(stream)
        except (ValueError, IndexError, UnicodeDecodeError, KeyError):
            return  # the end of the pickles, or garbage: nothing more can be named


def _globals_of_one(stream: BytesIO) -> Iterator[str]:
    strings: list[str] = []
    memo: dict[int, str] = {}
    for op, arg, _ in pickletools.genops(stream):
        if op.name in {"GLOBAL", "INST"}:
            yield str(arg).replace(" ", ".")
        elif op.name == "STACK_GLOBAL":
            yield ".".join(strings[-2:])
        elif op.name.endswith("GET"):
            strings.append(memo.get(int(arg or 0), "?"))
        elif op.name == "MEMOIZE":
            memo[len(memo)] = strings[-1] if strings else "?"
        elif op.name.endswith("PUT"):
            memo[int(arg or 0)] = strings[-1] if strings else "?"
        elif isinstance(arg, str):
            strings.append(arg)
