"""Stylizer: an engine and the contract that belongs to its model; a frame in, a frame out."""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType
from typing import Any, get_args

import msgspec

from stylebridge import contract as contracts
from stylebridge.card import read_card
from stylebridge.contract import FloatArray, PixelContract, RangeName, Side
from stylebridge.engines import Engine, engine_for, open_engine
from stylebridge.errors import InputError
from stylebridge.frame import Frame

MAX_CONTRACT_BYTES = 64 << 10


class Stylizer:
    """Runs one picture network on frames."""

    def __init__(self, engine: Engine, contract: PixelContract, name: str = "") -> None:
        if len(engine.inputs) != 1:
            extra = ", ".join(tensor.name for tensor in engine.inputs[1:])
            raise InputError(
                f"the model also wants the inputs {extra}",
                expected="a network with one picture input",
                do="use stylebridge run for raw tensors, or export the model with its style frozen",
                where=name,
            )
        check_channels(engine, contract, name)
        self.engine = engine
        self.contract = contract
        self.name = name or engine.name

    def __call__(self, frame: Frame) -> Frame:
        """The stylised frame."""
        output = self.infer(self.contract.to_tensor(frame))
        try:
            return self.contract.to_frame(output, frame)
        except InputError as error:
            raise InputError(error.found, expected=error.expected, do=error.do, where=self.name) from error

    def infer(self, tensor: FloatArray) -> FloatArray:
        """The network alone, for timing and for comparing raw numbers."""
        outputs = self.engine.run({self.engine.inputs[0].name: tensor})
        return outputs[self.engine.outputs[0].name]

    def __enter__(self) -> Stylizer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.engine.close()


def check_channels(engine: Engine, contract: PixelContract, where: object) -> None:
    """Refuse a model whose first input and output, as far as it declares them, aren't the contract's pictures."""
    for what, tensor, side in (
        ("input", engine.inputs[0], contract.input),
        ("output", engine.outputs[0], contract.output),
    ):
        axis = 1 if side.layout == "nchw" else 3
        if tensor.any_shape or (len(tensor.shape) == 4 and tensor.shape[axis] in (3, None)):
            continue
        raise InputError(
            f"the model's {what} has shape {list(tensor.shape)}",
            expected=f"{'[1,3,H,W]' if axis == 1 else '[1,H,W,3]'} as its contract says",
            do="check the contract's layout; networks with guide channels take raw tensors through stylebridge run",
            where=where,
        )


def open_stylizer(path: Path, engine: str = "auto", contract: str = "", **options: Any) -> Stylizer:
    """Open a model with the contract that is given, or stored in the file, or written on the card beside it."""
    opened = open_engine(engine_for(path) if engine == "auto" else engine, path, **options)
    try:
        inside = _contract_inside(opened, path)
        pixels = parse_contract(contract, inside) if contract else _checked_by_card(inside, path)
        return Stylizer(opened, pixels, path.name)
    except BaseException:
        opened.close()
        raise


def parse_contract(text: str, like: PixelContract | None = None) -> PixelContract:
    """A range name, also with a channel order and a size multiple as in bgr-byte/4; or a JSON file.

    What the name doesn't say is taken from the contract that the model has already, if it has one.
    """
    if named := re.fullmatch(rf"(?:(rgb|bgr)-)?({'|'.join(get_args(RangeName))})(?:/([1-9]\d{{0,2}}))?", text):
        order, name, multiple = named.groups()
        like = like or PixelContract()
        side = Side(range=name, channels=order or "rgb")  # type: ignore[arg-type]
        return msgspec.structs.replace(like, input=side, output=side, multiple=int(multiple or like.multiple))
    path = Path(text)
    if not path.is_file():
        raise InputError(
            f"contract {text!r}",
            expected="unit, byte, signed, imagenet, bgr-byte, signed/4 … or a JSON file that exists",
        )
    if path.stat().st_size > MAX_CONTRACT_BYTES:
        raise InputError(f"{path.stat().st_size} bytes", expected="a contract of a few hundred bytes", where=path)
    return PixelContract.from_json(path.read_bytes(), where=path)


def _contract_inside(engine: Engine, path: Path) -> PixelContract | None:
    text = engine.metadata.get(contracts.METADATA_KEY)
    return PixelContract.from_json(text, where=path) if text else None


def _checked_by_card(inside: PixelContract | None, path: Path) -> PixelContract:
    """The contract inside the model or on its card, which must agree where both speak."""
    # A checkpoint carries its contract itself; the card beside it is its export's.
    card = read_card(path) if path.suffix.lower() == ".onnx" else None
    if inside and card and inside != card.contract:
        raise InputError(
            f"the model says {inside}, its card says {card.contract}",
            expected="one contract",
            do="export the model again, or choose one with --contract",
            where=path,
        )
    found = inside or (card.contract if card else None)
    if found is None:
        raise InputError(
            "the model carries no pixel contract",
            expected="one in its metadata or on a card beside it",
            do="find it with: stylebridge contract find, or choose one with --contract unit|byte|signed|imagenet|FILE",
            where=path,
        )
    return found
