"""Write the .meta files of the Unity package: python tools/make_unity_metas.py [--check] [PACKAGE]

Unity knows a file by the GUID in the .meta file beside it. Here the GUID is the md5 of the path within the package, so
that every checkout has the same ones. What Unity hides (names that end in ~ or begin with a dot) has none. A file that
moves gets another GUID: scenes and prefabs that name the old one must be saved again.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "unity_project" / "Packages" / "com.stylebridge.unity"
COMMAND = "python tools/make_unity_metas.py"
SCRIPT = """MonoImporter:
  externalObjects: {}
  serializedVersion: 2
  defaultReferences: []
  executionOrder: 0
  icon: {instanceID: 0}
"""
TEXT = "TextScriptImporter:\n  externalObjects: {}\n"
FOLDER = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n"
IMPORTERS = {
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n",
    ".cs": SCRIPT,
    ".json": TEXT,
    ".md": TEXT,
    ".txt": TEXT,
}
MANIFEST = "PackageManifestImporter:\n  externalObjects: {}\n"
TAIL = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"  # the spaces at the ends are Unity's


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail when the files on disk are stale")
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE, help="folder of the package")
    arguments = parser.parse_args()
    package: Path = arguments.package
    if not (package / "package.json").is_file():
        print(f"{package}: no package.json in it; expected a Unity package", file=sys.stderr)
        return 2
    unknown = [path for path in assets(package) if importer_of(package, path) is None]
    if unknown:
        kinds = ", ".join(sorted({path.suffix or path.name for path in unknown}))
        print(f"{unknown[0]}: no importer known for {kinds}. Add it to IMPORTERS in this tool", file=sys.stderr)
        return 2
    wanted = {meta_of(path): meta_text(package, path) for path in assets(package)}
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_bytes() != text.encode()]
    orphans = [path for path in visible(package) if path.suffix == ".meta" and path not in wanted]
    if arguments.check:
        names = [path.relative_to(package).as_posix() for path in sorted(stale + orphans)]
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            print(f"stale Unity metas: {', '.join(names[:5])}{more}. Run: {COMMAND}", file=sys.stderr)
        return 1 if names else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8", newline="\n")
    for path in orphans:
        path.unlink()
    return 0


def visible(package: Path) -> list[Path]:
    """Everything in the package that Unity looks at."""
    found = []
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if not any(part.startswith(".") or part.endswith("~") for part in parts):
            found.append(path)
    return found


def assets(package: Path) -> list[Path]:
    return [path for path in visible(package) if path.suffix != ".meta"]


def meta_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.meta")


def meta_text(package: Path, path: Path) -> str:
    guid = hashlib.md5(path.relative_to(package).as_posix().encode(), usedforsecurity=False).hexdigest()
    return f"fileFormatVersion: 2\nguid: {guid}\n{importer_of(package, path)}{TAIL}"


def importer_of(package: Path, path: Path) -> str | None:
    if path.is_dir():
        return FOLDER
    return MANIFEST if path == package / "package.json" else IMPORTERS.get(path.suffix)


if __name__ == "__main__":
    sys.exit(main())
