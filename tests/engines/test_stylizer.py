"""Stylizer: which contract a model is run with."""

from __future__ import annotations

from pathlib import Path

import pytest
from stylebridge.contract import PixelContract, Side
from stylebridge.engines.stylizer import open_stylizer, parse_contract
from stylebridge.errors import InputError

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import save_network  # noqa: E402
from stylebridge.nets.registry import NetSpec, build  # noqa: E402


@pytest.mark.parametrize(
    ("text", "contract"),
    [
        ("byte", PixelContract.of("byte")),
        ("bgr-imagenet", PixelContract.of("imagenet", channels="bgr")),
        ("signed/4", PixelContract.of("signed", multiple=4)),
    ],
)
def test_contracts_by_name(text: str, contract: PixelContract) -> None:
    assert parse_contract(text) == contract


def test_a_name_keeps_what_it_does_not_say() -> None:
    like = PixelContract(output=Side(range="byte"), multiple=8, fit="resize", rounding="floor")
    assert parse_contract("signed", like) == PixelContract.of("signed", multiple=8, fit="resize", rounding="floor")
    assert parse_contract("signed/2", like).multiple == 2


@pytest.mark.parametrize("text", ["bytes", "gbr-byte", "byte/0", "byte/x", "byte/9999", "", "nowhere.json"])
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected unit, byte"):
        parse_contract(text)


def test_a_contract_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(PixelContract.of("signed", multiple=2).to_json())
    assert parse_contract(str(path)) == PixelContract.of("signed", multiple=2)
    path.write_text(" " * 100_000)
    with pytest.raises(InputError, match="a few hundred bytes"):
        parse_contract(str(path))


def test_a_named_contract_keeps_a_checkpoints_multiple(tmp_path: Path) -> None:
    spec = NetSpec("transformer", {"widths": [4, 4, 4], "blocks": 1})
    save_network(tmp_path / "net.pt", build(spec), spec)
    with open_stylizer(tmp_path / "net.pt", contract="signed") as stylizer:
        assert stylizer.contract.input.range == "signed"
        assert stylizer.contract.multiple == 4
