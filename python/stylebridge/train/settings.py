"""Settings of a training run: typed, bounded, read from TOML and `key=value` words, and saved beside the run."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import msgspec

from stylebridge.errors import InputError

MAX_BYTES = 1 << 20
# What a resumed run may change: none of it touches a number that was already computed.
FREE = frozenset({"steps", "workers", "save_every", "judge_every", "patience"})


def about(says: str, **bounds: Any) -> msgspec.Meta:
    """What a setting means, for the template and the docs, and the bounds of its value."""
    return msgspec.Meta(description=says, **bounds)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every method is told; each method adds its own."""

    needs_style: ClassVar[bool] = True  # whether it learns from style pictures

    data: Annotated[str, about("recording (.mcap) or folder of pictures to learn on")] = ""
    style: Annotated[tuple[str, ...], about("style pictures")] = ()
    perceptual: Annotated[
        str, about("VGG state dict that judges, or its folder; else $STYLEBRIDGE_WEIGHTS or torch's cache")
    ] = ""
    steps: Annotated[int, about("training steps", ge=1, le=10_000_000)] = 4000
    batch: Annotated[int, about("samples per step, over all processes", ge=1, le=1024)] = 4
    size: Annotated[int, about("side of the training crops in pixels", ge=16, le=2048)] = 256
    style_size: Annotated[int, about("shorter side of the style picture in pixels", ge=16, le=4096)] = 512
    learning_rate: Annotated[float, about("Adam's, after a warm-up", ge=0, le=1)] = 1e-3
    clip: Annotated[float, about("largest norm of the gradients; 0 leaves them", ge=0)] = 10.0
    average: Annotated[float, about("share that the averaged weights keep at each step; 0 for none", ge=0, lt=1)] = 0.0
    seed: Annotated[int, about("of crops, weights and noise", ge=0, le=2**31)] = 0
    init: Annotated[str, about("checkpoint of the same shape to start from")] = ""
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"], about("auto: bf16 where the processor computes in it, else fp32")
    ] = "auto"
    compile: Annotated[bool, about("torch.compile: a minute at the first step, faster afterwards")] = False
    workers: Annotated[int, about("processes that read and crop ahead", ge=0, le=64)] = 1
    save_every: Annotated[int, about("steps between checkpoints", ge=1)] = 250
    judge_every: Annotated[int, about("steps between looks at the held-out clip; 0 for none", ge=0)] = 500
    held_out: Annotated[float, about("share of each stream, at its end, that is only judged on", ge=0, le=0.5)] = 0.1
    patience: Annotated[int, about("looks without a better score after which training stops; 0 for never", ge=0)] = 0

    def pattern(self) -> str:
        """What a network learns to paint like, in a word or two for its origin."""
        return ", ".join(Path(path).name for path in self.style)


S = TypeVar("S", bound=Settings)


def read_settings(kind: type[S], file: Path | None, words: Iterable[str], given: Mapping[str, Any]) -> S:
    """The defaults, changed by a TOML file, then by options, then by `key=value` words."""
    return settings_from_table(kind, table_of_changes(file, words, given), file or "--set")


def table_of_changes(file: Path | None, words: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a TOML file, then options, then `key=value` words change."""
    values = _table(file) if file else {}
    values.pop("method", None)  # as a run's own settings have it
    values |= {name: value for name, value in given.items() if value not in ("", [])}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise InputError(f"--set {word}", expected="key=value, for example weights.style=8")
        _put(values, name.strip(), _value(text.strip()), word)
    return values


def settings_from_table(kind: type[S], values: Mapping[str, Any], where: object) -> S:
    """Checked settings; whatever is unknown or out of bounds is refused by name."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        found = str(error).replace("Object contains unknown field", "unknown setting")
        raise InputError(found, expected=f"settings among {', '.join(names_of(kind))}", where=where) from error


def names_of(kind: type[msgspec.Struct], prefix: str = "") -> list[str]:
    """Every setting of a method, those of tables with a dot."""
    names: list[str] = []
    for field in msgspec.structs.fields(kind):
        inner = _struct(field.type)
        names += names_of(inner, f"{prefix}{field.name}.") if inner else [prefix + field.name]
    return names


def toml_from_settings(settings: msgspec.Struct, *, explained: bool = False) -> str:
    """The settings as TOML; `explained` says beside each what it means."""
    plain, tables = [], []
    for field in msgspec.structs.fields(type(settings)):
        value = getattr(settings, field.name)
        if isinstance(value, msgspec.Struct):
            tables.append(f"\n[{field.name}]\n{toml_from_settings(value, explained=explained)}")
        else:
            says = _meaning(field.type) if explained else ""
            plain.append(f"{field.name} = {_toml(value)}" + (f"  # {says}" if says else "") + "\n")
    return "".join(plain + tables)


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A table's values by dotted names."""
    values: dict[str, Any] = {}
    for name, value in table.items():
        values |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return values


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The table that `flat` made these values of."""
    table: dict[str, Any] = {}
    for name, value in values.items():
        _put(table, name, value, name)
    return table


def fixed_part(settings: Settings) -> dict[str, Any]:
    """What a resumed run must share with the run that it goes on from."""
    return {name: value for name, value in msgspec.to_builtins(settings).items() if name not in FREE}


def _table(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", expected="a TOML file", where=file) from error
    if len(data) > MAX_BYTES:
        raise InputError("more than 1 MB", expected="a TOML file of settings", where=file)
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML: {error}", where=file) from error


def _value(text: str) -> Any:
    """A number, a list or a truth as TOML writes it; anything else is text, quoted or not."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(values: dict[str, Any], name: str, value: Any, word: str) -> None:
    *tables, last = name.split(".")
    for table in tables:
        values = values.setdefault(table, {})
        if not isinstance(values, dict):
            raise InputError(f"--set {word}: {table} is no table", expected="a setting such as weights.style")
    values[last] = value


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def _meaning(kind: Any) -> str:
    found = [meta.description for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, msgspec.Meta)]
    return found[0] or "" if found else ""


def _toml(value: Any) -> str:
    """A TOML value; JSON writes texts, numbers, truths and lists alike, but tables otherwise."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(name)} = {_toml(part)}" for name, part in value.items()) + "}"
    return msgspec.json.encode(value).decode()
