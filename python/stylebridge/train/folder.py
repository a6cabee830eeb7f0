"""The folder of a run: settings, checkpoints, pictures, figures; nothing in it is ever half written."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch

from stylebridge.errors import InputError
from stylebridge.files import check_folder, write_bytes
from stylebridge.nets.checkpoint import read_checkpoint
from stylebridge.train.settings import FREE, Settings, flat, nested, settings_from_table, toml_from_settings

SETTINGS = "settings.toml"
MODEL = "model.pt"
FIGURES = "figures.jsonl"
STATE = "state.pt"
BOARD = "board"
STYLED = "styled"
STYLES = "styles"
MAX_SETTINGS = 1 << 20
S = TypeVar("S", bound=Settings)


class RunFolder:
    """Where a run lives, and how it is taken up again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def model(self) -> Path:
        """The trained network."""
        return self.path / MODEL

    @property
    def settings(self) -> Path:
        """What the run was begun with."""
        return self.path / SETTINGS

    @property
    def state(self) -> Path:
        """Everything that going on needs."""
        return self.path / STATE

    @property
    def board(self) -> Path:
        """What TensorBoard reads."""
        return self.path / BOARD

    @property
    def styled(self) -> Path:
        """The pictures that a run paints where it trains no network."""
        return self.path / STYLED

    def looks(self) -> list[Path]:
        """The looks so far, oldest first."""
        return sorted(self.path.glob("pictures/*.jpg"))

    @property
    def styles(self) -> Path:
        """A network for each style, where a run learns several."""
        return self.path / STYLES

    def picture(self, step: int) -> Path:
        """The look at a step."""
        return self.path / "pictures" / f"{step:07d}.jpg"

    def check(self, *, force: bool) -> None:
        """Refuse a folder that can't be filled, before any work is done for it."""
        check_folder(self.path, force=force)

    def begin(self, method: str, settings: Settings) -> None:
        """Make the folder and write the settings into it; what an earlier run left there goes."""
        for old in (self.model, self.state, self.path / FIGURES):
            old.unlink(missing_ok=True)
        for pattern in ("pictures/*.jpg", f"{BOARD}/events.*", f"{STYLED}/*.png", f"{STYLES}/*.pt"):
            for old in self.path.glob(pattern):
                old.unlink()
        self.write_settings(method, settings)

    def write_settings(self, method: str, settings: Settings) -> None:
        """Write or replace the settings."""
        write_bytes(self.path / SETTINGS, f'method = "{method}"\n{toml_from_settings(settings)}'.encode())

    def take_up(self, method: str, kind: type[S], changes: Mapping[str, Any]) -> S:
        """The run's settings with what a resumed run may change; anything else that differs is refused by name."""
        table = self._table()
        begun_as = table.pop("method", None)
        if begun_as != method:
            raise InputError(f"a run of {begun_as}", expected=f"a run of {method}", where=self.path)
        begun, wanted = flat(table), flat(changes)
        for name, value in wanted.items():
            if name not in FREE and begun.get(name, value) != value:
                raise InputError(
                    f"{name} {_short(value)}, but the run was begun with {_short(begun[name])}",
                    do="leave it out to go on, or begin another run in a new folder",
                    where=self.path / SETTINGS,
                )
        return settings_from_table(kind, nested(begun | wanted), self.path / SETTINGS)

    def save_state(self, state: Mapping[str, Any]) -> None:
        """Replace the checkpoint; should the disk be full, the one before stays."""
        packed = io.BytesIO()  # torch answers a full disk with an error that names no file
        torch.save(dict(state), packed)
        write_bytes(self.state, packed.getvalue())

    def load_state(self) -> dict[str, Any]:
        """The checkpoint to go on from."""
        if not self.state.is_file():
            raise InputError("no checkpoint to go on from", do="leave --resume out to begin", where=self.state)
        return read_checkpoint(self.state)

    def add_figures(self, step: int, figures: Mapping[str, float]) -> None:
        """Write a line of the run's history."""
        line = json.dumps({"step": step, **{name: float(f"{value:.6g}") for name, value in figures.items()}})
        with (self.path / FIGURES).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def figures(self) -> Iterator[dict[str, float]]:
        """The run's history so far; a line cut short by a crash is passed over."""
        path = self.path / FIGURES
        for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue

    def forget_after(self, step: int) -> None:
        """Drop the history that a resumed run will write again."""
        kept = [json.dumps(line) + "\n" for line in self.figures() if line["step"] <= step]
        write_bytes(self.path / FIGURES, "".join(kept).encode())

    def _table(self) -> dict[str, Any]:
        path = self.path / SETTINGS
        try:
            with path.open("rb") as file:
                return tomllib.loads(file.read(MAX_SETTINGS).decode())
        except FileNotFoundError as error:
            raise InputError("no run there", expected=f"a folder with {SETTINGS}", where=self.path) from error
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"can't be read: {error}", where=path) from error


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
