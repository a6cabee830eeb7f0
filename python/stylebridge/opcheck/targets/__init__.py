"""Which operators each release knows: a table, written by tools/make_operator_table.py from the measured lists."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

from stylebridge.targets import Target


class Span(msgspec.Struct, frozen=True):
    """The releases of a line that know an operator."""

    since: str
    until: str = ""  # the last one, empty where the newest still knows it


@cache
def operator_table() -> dict[str, dict[str, Span]]:
    """Line -> operator -> releases."""
    text = resources.files(__name__).joinpath("operators.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, dict[str, Span]])


def is_registered(op: str, target: Target) -> bool:
    """Whether the importer of this release has a handler for the operator; domains are not looked at."""
    span = operator_table()[target.line].get(op)
    if span is None:
        return False
    return _numbers(span.since) <= target.release <= (_numbers(span.until) or target.release)


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".")) if release else ()
