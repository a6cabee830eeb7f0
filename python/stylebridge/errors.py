"""What stylebridge says when something is wrong: found, expected, what to do, and where."""

from __future__ import annotations


class StylebridgeError(Exception):
    """One line a person can act on; the command line prints it and exits with `exit_code`."""

    exit_code = 1

    def __init__(self, found: str, *, expected: str = "", do: str = "", where: object = "") -> None:
        self.found = found
        self.expected = expected
        self.do = do
        self.where = str(where)
        super().__init__(self._line())

    def _line(self) -> str:
        line = f"{self.where}: {self.found}" if self.where else self.found
        if self.expected:
            line += f"; expected {self.expected}"
        if self.do:
            line += f". {self.do[0].upper()}{self.do[1:]}"
        return " ".join(line.split())


class InputError(StylebridgeError):
    """The caller gave something that can't be used: a file, an option, an array."""

    exit_code = 2


class Interrupted(StylebridgeError):
    """Ctrl-C, where the work can be taken up again."""

    exit_code = 130


class MissingExtra(InputError):
    """An optional part of stylebridge isn't installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(
            f"the Python package {module!r} is not installed",
            do=f"run: pip install 'stylebridge[{extra}]'",
        )
        self.module = module
        self.extra = extra
