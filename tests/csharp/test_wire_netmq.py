"""The package's NetMQ socket compiles against NetMQ's signatures; NetMQ itself comes with the game's project."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent.parent
NETMQ = REPO / "unity_project" / "Packages" / "com.stylebridge.unity" / "Runtime" / "NetMq"
STANDIN = Path(__file__).parent / "standins" / "NetMq.cs"


@pytest.fixture
def core(harness_exe: Path) -> Path:
    return harness_exe.with_name("Stylebridge.Core.dll")


def test_the_netmq_socket_compiles_against_netmqs_signatures(core: Path, tmp_path: Path) -> None:
    netmq, library = tmp_path / "NetMQ.dll", tmp_path / "Stylebridge.NetMq.dll"
    assert compiled([STANDIN], f"-out:{netmq}") == ""
    assert compiled(sorted(NETMQ.glob("*.cs")), f"-r:{core}", f"-r:{netmq}", f"-out:{library}") == ""


def test_the_netmq_socket_does_not_compile_without_netmq(core: Path, tmp_path: Path) -> None:
    assert "NetMQ" in compiled(sorted(NETMQ.glob("*.cs")), f"-r:{core}", f"-out:{tmp_path / 'none.dll'}")


def test_without_netmq_the_assembly_is_left_out() -> None:
    definition = json.loads((NETMQ / "Stylebridge.NetMq.asmdef").read_text(encoding="utf-8"))
    assert definition["defineConstraints"] == ["STYLEBRIDGE_NETMQ"]
    assert definition["precompiledReferences"] == ["NetMQ.dll", "AsyncIO.dll"]
    assert definition["references"] == ["Stylebridge.Core"]


def compiled(sources: list[Path], *options: str) -> str:
    """What the compiler says; nothing when all is well."""
    command = ["mcs", "-langversion:7.2", "-unsafe", "-warnaserror", "-target:library", *options, *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout + done.stderr
