"""Details: what a recording says about itself; kept as plain text in the file's metadata."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import zstandard

from stylebridge import __version__
from stylebridge.errors import InputError

METADATA_NAME = "stylebridge"  # of the metadata record that every run begins with
_EXTRA = "extra."
_VERSION = "version."


@dataclass(frozen=True, slots=True)
class Details:
    """Where frames came from. The writer adds the versions, the time and how floats are kept."""

    source: str
    engine: str = ""
    contract: Mapping[str, Any] | None = None
    seed: int | None = None
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    created_ns: int = 0
    floats: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        names = ("source", "engine", "contract", "seed", "note", "created_ns", "floats")
        plain = {name: getattr(self, name) for name in names}
        return plain | {"extra": dict(self.extra), "versions": dict(self.versions)}


def completed(details: Details, floats: str) -> Details:
    """With what the writer knows."""
    versions = {
        "stylebridge": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "zstandard": zstandard.__version__,
    }
    return Details(
        details.source,
        details.engine,
        details.contract,
        details.seed,
        details.note,
        details.extra,
        versions | dict(details.versions),
        details.created_ns or time.time_ns(),
        floats,
    )


def text_from_details(details: Details, run: int) -> dict[str, str]:
    """Details as the strings of a metadata record."""
    try:
        contract = json.dumps(details.contract, sort_keys=True) if details.contract is not None else ""
    except (TypeError, ValueError) as error:
        raise InputError(f"a contract that is no JSON: {error}", expected="PixelContract's plain form") from error
    values = {
        "run": str(run),
        "source": details.source,
        "engine": details.engine,
        "contract": contract,
        "seed": "" if details.seed is None else str(details.seed),
        "note": details.note,
        "created_ns": str(details.created_ns),
        "floats": details.floats,
    }
    values |= {_VERSION + name: value for name, value in details.versions.items()}
    values |= {_EXTRA + name: str(value) for name, value in details.extra.items()}
    return values


def details_from_text(values: Mapping[str, str]) -> Details:
    """Details from a metadata record; what can't be understood is left out."""
    try:
        contract = json.loads(values["contract"]) if values.get("contract") else None
    except (ValueError, RecursionError):
        contract = None
    return Details(
        source=values.get("source", ""),
        engine=values.get("engine", ""),
        contract=contract if isinstance(contract, dict) else None,
        seed=_number(values.get("seed", "")),
        note=values.get("note", ""),
        extra={key.removeprefix(_EXTRA): value for key, value in values.items() if key.startswith(_EXTRA)},
        versions={key.removeprefix(_VERSION): value for key, value in values.items() if key.startswith(_VERSION)},
        created_ns=_number(values.get("created_ns", "")) or 0,
        floats=values.get("floats", ""),
    )


def _number(text: str) -> int | None:
    try:
        return int(text) if len(text) < 64 else None
    except ValueError:
        return None
