"""The Unity package as files: a .meta beside each, versions that agree, sources within the house's bounds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import stylebridge

REPO = Path(__file__).resolve().parent.parent.parent
PACKAGE = REPO / "unity_project" / "Packages" / "com.stylebridge.unity"
TOOL = REPO / "tools" / "make_unity_metas.py"


def make_metas(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def copy_of_the_package(folder: Path) -> Path:
    return Path(shutil.copytree(PACKAGE, folder / "package"))


def test_every_file_and_folder_of_the_package_has_its_meta() -> None:
    done = make_metas("--check")
    assert done.returncode == 0, done.stderr


def test_missing_wrong_and_orphaned_metas_are_noticed_and_mended(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    assert make_metas(package).returncode == 0
    (package / "Runtime.meta").unlink()
    (package / "package.json.meta").write_text("fileFormatVersion: 2\n")
    (package / "Gone.cs.meta").write_text("fileFormatVersion: 2\n")
    done = make_metas("--check", package)
    assert done.returncode == 1
    assert [name in done.stderr for name in ("Runtime.meta", "package.json.meta", "Gone.cs.meta")] == [True] * 3
    assert make_metas(package).returncode == 0
    assert make_metas("--check", package).returncode == 0
    assert not (package / "Gone.cs.meta").exists()


def test_guids_differ_and_stay_the_same_wherever_the_package_lies(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    for path in package.rglob("*.meta"):
        path.unlink()
    assert make_metas(package).returncode == 0
    metas = {path.relative_to(package): path.read_text() for path in package.rglob("*.meta")}
    guids = [re.findall(r"^guid: ([0-9a-f]{32})$", text, re.M) for text in metas.values()]
    assert len({guid for found in guids for guid in found}) == len(metas) > 10
    assert metas == {path: (PACKAGE / path).read_text() for path in metas}


def test_hidden_folders_need_no_metas_and_unknown_files_are_refused(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    make_metas(package)
    (package / "Samples~").mkdir()
    (package / "Samples~" / "picture.xyz").touch()
    assert make_metas("--check", package).returncode == 0
    (package / "picture.xyz").touch()
    done = make_metas(package)
    assert done.returncode == 2
    assert "no importer known for .xyz" in done.stderr
    assert make_metas(tmp_path).returncode == 2


def test_the_package_has_the_version_of_the_python_side() -> None:
    manifest = json.loads((PACKAGE / "package.json").read_text())
    assert (manifest["name"], manifest["version"]) == ("com.stylebridge.unity", stylebridge.__version__)


def test_the_core_knows_no_engine() -> None:
    core = json.loads((PACKAGE / "Runtime" / "Core" / "Stylebridge.Core.asmdef").read_text())
    assert core["noEngineReferences"] is True
    assert core["references"] == []


def test_the_example_in_the_packages_readme_is_the_one_that_is_compiled_and_run() -> None:
    blocks = re.findall(r"```csharp\n(.*?)```", (PACKAGE / "README.md").read_text(encoding="utf-8"), re.S)
    assert blocks == [(REPO / "tests" / "csharp" / "ReadmeExample.cs").read_text(encoding="utf-8")]


def test_csharp_files_stay_below_three_hundred_lines() -> None:
    sources = [*PACKAGE.rglob("*.cs"), *Path(__file__).parent.rglob("*.cs")]
    assert [path.name for path in sources if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []


def test_csharp_lines_fit_the_page() -> None:
    sources = [*PACKAGE.rglob("*.cs"), *Path(__file__).parent.rglob("*.cs")]
    assert sources
    lines = [
        f"{path.name}:{number}"
        for path in sources
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120 or line != line.rstrip() or "\t" in line
    ]
    assert lines == []
