"""The layout is the architecture: imports go downward only, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "stylebridge"
LAYERS = (
    {"cli"},
    {"watch", "compare", "train", "shrink"},
    {"export", "onnxfile"},
    {"opcheck", "engines", "sources", "sinks", "recording", "doctor"},
    {"wire", "scene", "nets"},
    {"frame", "contract", "card", "errors", "files", "imaging", "targets", "places", "assets", "pixelmath", "__init__"},
)
HOMES = {
    "torch": ("nets", "train", "shrink", "export", "engines/torch"),
    "onnx": ("export", "onnxfile", "opcheck", "engines"),
    "onnxsim": ("export", "onnxfile"),
    "onnxruntime": ("export", "onnxfile", "opcheck", "engines"),
    "cv2": ("imaging",),
    "zmq": ("wire",),
    "panda3d": ("scene/render",),
    "mcap": (),  # only the tests and benchmarks read our recordings with it
    "zstandard": ("recording",),
    "OpenEXR": ("recording",),
    "av": ("sinks/video",),
    "grpc": ("sources/mlagents",),
    "starlette": ("watch",),
    "uvicorn": ("watch",),
    "websockets": ("watch",),
    "mlagents_envs": ("sources/mlagents",),
}


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple((f.relative_to(PACKAGE).with_suffix("").as_posix(), ast.parse(f.read_text("utf-8"))) for f in files)


def imports(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "stylebridge":
            yield from ((f"stylebridge.{alias.name}", node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "relative imports hide where things come from"
            yield node.module, node


def layer_of(part: str) -> int:
    return next(index for index, names in enumerate(LAYERS) if part in names)


def upward_imports(name: str, tree: ast.Module) -> list[str]:
    here = name.split("/")[0]
    found = []
    for module, _ in imports(tree):
        parts = module.split(".")
        if parts[0] != "stylebridge" or len(parts) < 2 or parts[1].startswith("__"):
            continue
        if parts[1] != here and layer_of(parts[1]) < layer_of(here):
            found.append(f"{name} imports {module}")
    return found


def strays(name: str, tree: ast.Module) -> list[str]:
    found = []
    for module, _ in imports(tree):
        homes = HOMES.get(module.split(".")[0])
        if homes is not None and not any(name == home or name.startswith(home + "/") for home in homes):
            found.append(f"{name} imports {module}")
    return found


def test_imports_go_downward_only() -> None:
    assert [line for name, tree in modules() for line in upward_imports(name, tree)] == []


def test_heavy_libraries_stay_at_home() -> None:
    assert [line for name, tree in modules() for line in strays(name, tree)] == []


def test_every_module_has_a_layer() -> None:
    known = set().union(*LAYERS)
    assert [name for name, _ in modules() if name.split("/")[0] not in known] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("nets/x", "from stylebridge.engines import open_engine"),
        ("frame", "from stylebridge import nets"),
        ("sources/x", "import stylebridge.train.johnson"),
    ],
)
def test_an_upward_import_would_be_seen(name: str, source: str) -> None:
    assert upward_imports(name, ast.parse(source))


def test_a_stray_library_would_be_seen() -> None:
    assert strays("sources/video", ast.parse("def f():\n    import torch.nn"))


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["explain", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['stylebridge', *{words}]\n"
        "from stylebridge.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([m for m in {sorted(HOMES)} if m in sys.modules], file=sys.stderr)"
    )
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert "Usage" in done.stdout
    assert done.stderr.strip().splitlines()[-1] == "[]"


def beside(name: str, tree: ast.Module) -> list[str]:
    """What a rule or a gate imports of another; what several need belongs in a module of opcheck itself."""
    home = name.rpartition("/")[0]
    if home not in ("opcheck/rules", "opcheck/gates"):
        return []
    package = f"stylebridge.{home.replace('/', '.')}"
    return [f"{name} imports {module}" for module, _ in imports(tree) if module.startswith(package)]


def test_rules_and_gates_stand_alone() -> None:
    assert [line for name, tree in modules() for line in beside(name, tree)] == []


def test_a_rule_that_leans_on_another_would_be_seen() -> None:
    assert beside("opcheck/rules/x", ast.parse("from stylebridge.opcheck.rules.conv import barracuda"))


def test_the_check_knows_no_engine() -> None:
    found = [f"{name} imports {module}" for name, tree in modules() for module, _ in imports(tree)]
    here = [line for line in found if line.startswith("opcheck/")]
    assert here
    assert [line for line in here if "imports stylebridge.engines" in line] == []
