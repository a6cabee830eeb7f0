"""Gets mlagents-envs to import beside a current protobuf, on a Python without distutils, and quietly."""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from stylebridge.sources.mlagents.protos import provide

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?")


class Version:
    """The part of distutils' StrictVersion that mlagents-envs uses."""

    def __init__(self, text: str) -> None:
        found = _VERSION.fullmatch(text)
        if not found:
            raise ValueError(f"invalid version number {text!r}")
        self.version = tuple(int(part or 0) for part in found.groups())


def load() -> None:
    """Import what the other modules here take from mlagents-envs; harmless twice."""
    provide()
    with _distutils():
        importlib.import_module("mlagents_envs.environment")
    _quieten(importlib.import_module("mlagents_envs.logging_util"))


@contextlib.contextmanager
def _distutils() -> Iterator[None]:
    """Stands in for distutils during one import: Python 3.12 has none, and before that it warns with every use."""
    package, version = ModuleType("distutils"), ModuleType("distutils.version")
    vars(version)["StrictVersion"] = Version
    stand_in = {"distutils": package, "distutils.version": version}
    hidden = {name: sys.modules[name] for name in stand_in if name in sys.modules}
    sys.modules |= stand_in
    try:
        yield
    finally:
        for name in stand_in:
            del sys.modules[name]
        sys.modules |= hidden


def _quieten(logging_util: Any) -> None:
    """Standard output belongs to whoever asked for frames: the library's loggers write there by themselves."""
    if logging_util._log_level != logging.NOTSET:
        return  # somebody in this process has set it up already
    for logger in logging_util._loggers:
        logger.handlers.clear()  # warnings go on to the root logger
        logger.setLevel(logging.WARNING)
