"""ML-Agents' protobuf modules, built in memory from the descriptors that they carry.

The files that mlagents-envs 0.28 ships were generated for protobuf 3 and refuse to import beside a current one. Each
holds its serialized descriptor as a literal, which is all that is read of them; nothing in them is executed.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from stylebridge.errors import StylebridgeError

PACKAGE = "mlagents_envs.communicator_objects"
MAX_FILE_BYTES = 1 << 20
MAX_FILES = 200


def provide(package: str = PACKAGE) -> bool:
    """Make the package's *_pb2 modules importable; true when they had to be built. Harmless twice."""
    folder = Path(next(iter(importlib.import_module(package).__path__)))
    paths = sorted(folder.glob("*_pb2.py"))[:MAX_FILES]
    names = [f"{package}.{path.stem}" for path in paths]
    if not paths or all(name in sys.modules for name in names) or _import_by_themselves(names):
        return False
    modules = _build(package, paths)
    sys.modules |= modules
    for name, module in modules.items():
        setattr(sys.modules[package], name.rpartition(".")[2], module)
    return True


def _import_by_themselves(names: Iterable[str]) -> bool:
    """Whether the installed protobuf takes the files as they are; if not, none of them stays behind."""
    before = set(sys.modules)
    try:
        for name in names:
            importlib.import_module(name)
    except (TypeError, ImportError, AttributeError):  # a descriptor made by hand, a module or a name that is gone
        for name in set(names) - before:
            sys.modules.pop(name, None)
        return False
    return True


def _build(package: str, paths: Iterable[Path]) -> dict[str, ModuleType]:
    from google.protobuf.descriptor_pool import DescriptorPool

    files = {path.stem: _descriptor(path) for path in paths}
    pool = DescriptorPool()  # private, so that nobody else's types of these names get in the way
    _add_all(pool, {file.name: file for file in files.values()})
    return {f"{package}.{stem}": _module(f"{package}.{stem}", pool, file.name) for stem, file in files.items()}


def _descriptor(path: Path) -> Any:
    """The file's descriptor, from the one literal that is called serialized_pb."""
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.message import DecodeError

    if path.stat().st_size > MAX_FILE_BYTES:
        raise _unusable(path, f"{path.stat().st_size} bytes")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "serialized_pb":
            value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
            literal = value.value if isinstance(value, ast.Constant) else None
            try:
                data = literal.encode("latin-1") if isinstance(literal, str) else literal
                if isinstance(data, bytes):
                    return FileDescriptorProto.FromString(data)
            except (UnicodeEncodeError, DecodeError) as error:
                raise _unusable(path, f"its descriptor can't be read: {error}") from error
    raise _unusable(path, "there is no descriptor in it")


def _add_all(pool: Any, files: dict[str, Any]) -> None:
    """Add files to the pool, each after those that it needs."""
    while files:
        ready = [name for name, file in files.items() if not set(file.dependency) & set(files)]
        if not ready:
            raise StylebridgeError(f"the descriptors of {PACKAGE} need each other in a circle", do=_AGAIN)
        for name in ready:
            pool.Add(files.pop(name))


def _module(name: str, pool: Any, file_name: str) -> ModuleType:
    """The module that the protobuf compiler would have written: classes, enums, and the enums' values."""
    from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
    from google.protobuf.message_factory import GetMessageClass

    module, file = (
        ModuleType(name, "Built from the descriptor in the file of this name."),
        pool.FindFileByName(file_name),
    )
    members = vars(module)
    members["DESCRIPTOR"] = file
    for message, descriptor in file.message_types_by_name.items():
        members[message] = GetMessageClass(descriptor)
        members[message].__module__ = name  # by which mlagents-envs' own threads find it again
    for enum, descriptor in file.enum_types_by_name.items():
        members[enum] = EnumTypeWrapper(descriptor)
        members |= {value.name: value.number for value in descriptor.values}
    return module


_AGAIN = "run: pip install --force-reinstall 'mlagents-envs>=0.28,<0.29'"


def _unusable(path: Path, found: str) -> StylebridgeError:
    return StylebridgeError(found, expected="a protobuf module of mlagents-envs 0.28", do=_AGAIN, where=path)
