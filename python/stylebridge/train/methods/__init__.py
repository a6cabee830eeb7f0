"""The methods by name, each in a file of its own that is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

from stylebridge.errors import InputError
from stylebridge.train.method import Method
from stylebridge.train.methods.gatys import GatysPainter

NAMES = ("gatys", "johnson", "reconet", "fewshot", "arbitrary", "distill", "cyclegan")


def method_called(name: str) -> type[Method] | type[GatysPainter]:
    """The method's class."""
    if name not in NAMES:
        raise InputError(f"training method {name!r}", expected=f"one of {', '.join(NAMES)}")
    found: type[Method] | type[GatysPainter] = import_module(f"stylebridge.train.methods.{name}").METHOD
    return found
