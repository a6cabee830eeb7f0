"""Files that are written whole or not at all, and what is asked before any work is done for them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from stylebridge.errors import InputError


def check_output(path: Path, force: bool) -> None:
    """Refuse a file that can't be written here, before any work is done for it."""
    try:
        if path.is_dir():
            raise InputError("is a folder", expected="a file name", where=path)
        if path.exists() and not force:
            raise InputError("already exists", do="pass --force to replace it", where=path)
    except OSError as error:
        raise InputError(f"can't be used: {_reason(error)}", where=path) from error
    _try_folder(path.parent, where=path)


def check_folder(folder: Path, *, force: bool) -> None:
    """Refuse a folder that can't be filled, before any work is done for it."""
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError("is a file", expected="a folder", where=folder)
        if folder.is_dir() and any(folder.iterdir()) and not force:
            raise InputError("the folder is not empty", do="choose another, or pass --force to add to it", where=folder)
    except OSError as error:
        raise InputError(f"can't be used: {_reason(error)}", where=folder) from error
    check_writable(folder)


def check_writable(folder: Path) -> None:
    """Refuse a folder in which no file can be made; a missing one is judged by its nearest parent that exists."""
    _try_folder(folder, where=folder)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A hidden place to write to, which becomes `path` at the end; after a failure nothing of it is left.

    Missing folders are made. Every OSError of the block is taken for a failure to write `path`.
    """
    partial = partial_path(path)
    made: list[Path] = []
    try:
        made = missing_folders(path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        remove_empty(made)


def write_bytes(path: Path, data: bytes) -> None:
    """Write or replace a file, whole or not at all; see `check_output` for what is asked before."""
    with replacing(path) as partial:
        partial.write_bytes(data)


def partial_path(path: Path) -> Path:
    """Where a file is written before it gets its name: same folder, same extension, hidden."""
    return path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")


def missing_folders(folder: Path) -> list[Path]:
    """The folders that must be made for this one to be there, deepest first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def remove_empty(folders: Sequence[Path]) -> None:
    """Take away folders that were made for a file which never came; one that holds something stays."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def unwritable(path: Path, error: OSError) -> InputError:
    """What is said when the system refuses to write a file."""
    return InputError(f"can't be written: {_reason(error)}", where=path)


def _try_folder(folder: Path, where: Path) -> None:
    try:
        nearest = folder.absolute()
        while not nearest.exists():
            nearest = nearest.parent
        if not nearest.is_dir():
            raise InputError(f"{nearest} is a file", expected="a folder", where=where)
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        found = f"no file can be made there: {_reason(error).lower()}"
        raise InputError(found, do="choose another place", where=where) from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or "unknown error"
