"""A player build as a process: found, started, watched, and ended for certain."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.sources.mlagents.faults import START
from stylebridge.wire.fault import LinkFault

QUIT_S = 5.0  # after the game was told to quit
TERMINATE_S = 2.0
TAIL_BYTES, TAIL_LINES, LINE_LENGTH = 8192, 4, 160
_SUFFIXES = (".x86_64", ".x86", ".exe", ".app")


class Player:
    """A game that was started for its frames, in a process group of its own, with its logs in a folder of its own."""

    def __init__(self, path: Path, arguments: Sequence[str], where: str) -> None:
        self._where = where
        program = find_program(path)
        self._folder = tempfile.TemporaryDirectory(prefix="stylebridge-player-", ignore_cleanup_errors=True)
        self._log, self._output = (Path(self._folder.name) / name for name in ("Player.log", "output.txt"))
        words = [str(program.absolute()), *arguments, "-logFile", str(self._log)]
        try:
            with self._output.open("wb") as output:
                self._process = subprocess.Popen(
                    words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
                )
        except OSError as error:
            self._folder.cleanup()
            found = f"can't be started: {error.strerror or error}"
            do = "check that it was built for this system"
            raise LinkFault(found, step=START, do=do, where=program) from error

    def check(self, step: str) -> None:
        """Raise when the player has ended."""
        code = self._process.poll()
        if code is not None:
            found = f"the player ended with {_ending(code)}{_quoted(self.last_lines())}"
            do = "start it by hand to see what it says"
            if code == 0:
                do = "check that it was built with the ML-Agents package, and that nobody closed its window"
            raise LinkFault(found, step=step, do=do, where=self._where)

    def last_lines(self) -> list[str]:
        """The end of its log, or of what it printed when it has written no log."""
        return _tail(self._log) or _tail(self._output)

    def stop(self, *, told: bool) -> None:
        """Wait for it to quit if it was told to, then end it and everything it has started. Harmless twice."""
        try:
            self._process.wait(QUIT_S if told else 0)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(TERMINATE_S)
        finally:
            self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))  # its children, too, if it has left any
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(TERMINATE_S)
            self._folder.cleanup()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.kill()


@contextlib.contextmanager
def interrupt_held() -> Iterator[None]:
    """Let a Ctrl-C wait until the player that is started here is known to whoever ends it."""
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield  # no Ctrl-C is raised here
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def find_program(path: Path) -> Path:
    """The file to start: the path itself, the same with a platform's ending, or what a bundle or folder holds."""
    try:
        found = path if path.exists() else _with_suffix(path)
        if found is None:
            raise InputError("no such player", expected="the executable of a Unity build, or editor", where=path)
        if found.is_dir():
            found = _program_in(found)
        if not os.access(found, os.X_OK):
            raise InputError("not executable", do=f"run: chmod +x {found}", where=found)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"can't be used: {reason}", expected="the executable of a Unity build", where=path) from error
    return found


def _with_suffix(path: Path) -> Path | None:
    candidates = (path.with_name(path.name + suffix) for suffix in _SUFFIXES)
    return next((candidate for candidate in candidates if candidate.exists()), None)


def _program_in(folder: Path) -> Path:
    inside = folder / "Contents" / "MacOS"
    names = inside.iterdir() if inside.is_dir() else folder.iterdir()
    programs = sorted(
        path
        for path in names
        if path.is_file()
        and not path.name.startswith("UnityCrashHandler")
        and (inside.is_dir() or path.suffix in (".x86_64", ".x86", ".exe"))
    )
    if len(programs) != 1:
        found = "a folder with " + (", ".join(path.name for path in programs[:5]) or "no player in it")
        raise InputError(found, expected="the path of the player's executable", where=folder)
    return programs[0]


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"


def _quoted(lines: Sequence[str]) -> str:
    return f"; its log ends: {' | '.join(lines)}" if lines else "; it wrote no log"


def _tail(path: Path) -> list[str]:
    """The last lines of a file, fit for a message."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    lines = (re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", line).strip() for line in text.splitlines())
    return [line[:LINE_LENGTH] for line in lines if line][-TAIL_LINES:]
