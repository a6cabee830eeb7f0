"""Folders that are filled whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stylebridge.files import check_folder, missing_folders, remove_empty, unwritable


@contextmanager
def filling(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """A hidden folder to write into, whose files move to `folder` at the end; after a failure nothing of it is left.

    With force the folder may hold other files already: those of the same name are replaced, the others stay.
    """
    check_folder(folder, force=force)
    staging = folder / f".stylebridge-{os.getpid()}.part"
    made = missing_folders(folder)
    try:
        shutil.rmtree(staging, ignore_errors=True)  # what was left by a process that was killed
        staging.mkdir(parents=True)
        yield staging
        _move(staging, folder)
        made = []
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        remove_empty(made)


def _move(staging: Path, folder: Path) -> None:
    for path in sorted(staging.rglob("*")):
        target = folder / path.relative_to(staging)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            path.replace(target)
