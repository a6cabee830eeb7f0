"""ModelCard: what a model file is, what it expects and what was measured; stored in the file and beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

import msgspec

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.files import replacing

METADATA_KEY = "stylebridge.card"
SUFFIX = ".card.json"
MAX_BYTES = 4 << 20


class TensorSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input or output of the network; a size that may change is a name instead of a number."""

    name: str
    shape: tuple[int | str, ...]
    dtype: str = "float32"


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything about a model that a person or an engine needs before running it."""

    version: Literal[1] = 1
    name: str
    contract: PixelContract
    family: str
    options: dict[str, Any] = {}
    parameters: int = 0
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    target: str = ""
    opset: int = 0
    figures: dict[str, float] = {}
    origin: str = ""
    licence: str = ""
    made_with: dict[str, str] = {}
    sha256: str = ""  # of the model file; only in the sidecar

    def to_json(self) -> str:
        """The JSON form that goes into the model file, without the hash."""
        return msgspec.json.encode(msgspec.structs.replace(self, sha256="")).decode()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form as plain values."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def from_json(cls, text: str | bytes, where: object = "") -> ModelCard:
        """Read the JSON form; anything unknown or out of place is refused."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise InputError(
                f"not a model card: {error}", do="write it again with: stylebridge export", where=where
            ) from error


def card_path(model: Path) -> Path:
    """The sidecar of a model file: style.onnx -> style.card.json."""
    return model.with_suffix(SUFFIX)


def write_model(model: Path, content: bytes, card: ModelCard) -> None:
    """Write a model and its card, both or neither."""
    labelled = msgspec.structs.replace(card, sha256=hashlib.sha256(content).hexdigest())
    with replacing(model) as model_part, replacing(card_path(model)) as card_part:  # the card gets its name first
        card_part.write_bytes(msgspec.json.format(msgspec.json.encode(labelled), indent=2) + b"\n")
        model_part.write_bytes(content)


def read_card(model: Path) -> ModelCard | None:
    """The sidecar beside a model file, or None; a card of another file is refused."""
    path = card_path(model)
    if not path.is_file():
        return None
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{path.stat().st_size} bytes", expected=f"a card of at most {MAX_BYTES}", where=path)
    card = ModelCard.from_json(path.read_bytes(), where=path)
    if card.sha256 and card.sha256 != sha256_of(model):
        raise InputError(
            f"the card describes another file than {model.name} (the hashes differ)",
            do="export the model again, or delete the card if the file was changed on purpose",
            where=path,
        )
    return card


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
