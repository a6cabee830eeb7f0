"""`stylebridge run`: raw tensors through a model, with no pictures and no contract between."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylebridge.cli.output import print_json, print_table
from stylebridge.errors import InputError
from stylebridge.files import check_output, replacing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stylebridge.engines import Engine
    from stylebridge.engines.timing import Timing

MAX_BYTES = 4 << 30  # unpacked


def command(
    model: Annotated[Path, typer.Argument(help="The model: .onnx, a checkpoint, or a TorchScript archive.")],
    inputs: Annotated[Path, typer.Option("--inputs", "-i", help="An .npz with one array per input, by name.")],
    outputs: Annotated[Path, typer.Option("--outputs", "-o", help="The .npz to write.")],
    engine: Annotated[
        str, typer.Option("--engine", "-e", help="torch, onnxruntime, …; auto goes by the name.")
    ] = "auto",
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; the engine decides when left out.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N, mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="fp32, fp16, bf16 (torch).")] = "fp32",
    mode: Annotated[str, typer.Option(help="eager, torchscript, compile (torch).")] = "eager",
    provider: Annotated[
        str | None, typer.Option(help="cpu, cuda, tensorrt, directml (onnxruntime); the best when left out.")
    ] = None,
    free_size: Annotated[
        bool, typer.Option("--free-size", help="Ignore the picture size that the model declares (onnxruntime).")
    ] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Time this many runs, after one that isn't counted.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run raw tensors through a model and write what comes out."""
    from stylebridge.engines import engine_for, open_engine

    _check_output(outputs, inputs, force=force)
    arrays = read_arrays(inputs)
    name = engine_for(model) if engine == "auto" else engine
    options: dict[str, Any] = {"threads": threads, "device": device, "precision": precision, "mode": mode}
    options |= {"provider": provider, "free_size": free_size}
    with open_engine(name, model, **options) as opened:
        results, timing = _run(opened, arrays, repeat)
        write_arrays(outputs, results)
        _report(opened, arrays, results, timing, outputs, as_json=as_json)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz by name; nothing in it is ever unpickled."""
    import numpy as np

    if not path.is_file():
        found = "is a directory" if path.is_dir() else "no such file"
        raise InputError(found, expected="an .npz file", where=path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise InputError(f"unpacks to {size} bytes", expected=f"at most {MAX_BYTES}", where=path)
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, MemoryError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        do = "write it with numpy.savez(path, name=array)"
        raise InputError(f"not a readable .npz: {reason}", expected="plain arrays", do=do, where=path) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # numpy hands out members that aren't arrays as bytes
            raise InputError(f"member {name!r} is no array", expected="an .npz of plain arrays", where=path)
    return arrays


def write_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write an .npz, whole or not at all."""
    import numpy as np

    # Not numpy.savez: an output may be called "file", which is the name of its own first argument.
    with replacing(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _check_output(path: Path, inputs: Path, *, force: bool) -> None:
    if path.suffix != ".npz":
        raise InputError(f"output {path.name!r}", expected="a name that ends in .npz", where=path)
    if _same_file(path, inputs):
        raise InputError("is also the file of the inputs", expected="another name", where=path)
    check_output(path, force)


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them isn't there
        return False


def _run(engine: Engine, arrays: dict[str, NDArray[Any]], repeat: int) -> tuple[dict[str, NDArray[Any]], Timing]:
    from time import perf_counter

    from stylebridge.engines.timing import Timing

    if repeat > 1:
        engine.warm_up(arrays)
    seconds: list[float] = []
    results: dict[str, NDArray[Any]] = {}
    for _ in range(repeat):
        start = perf_counter()
        results = engine.run(arrays)
        seconds.append(perf_counter() - start)
    return results, Timing.of(seconds)


def _report(
    engine: Engine,
    arrays: dict[str, NDArray[Any]],
    results: dict[str, NDArray[Any]],
    timing: Timing,
    path: Path,
    *,
    as_json: bool,
) -> None:
    given = [_summary(name, array) for name, array in arrays.items()]
    made = [_summary(name, array) for name, array in results.items()]
    if as_json:
        report = {"model": str(engine.path), "engine": engine.name, "device": engine.device, "threads": engine.threads}
        print_json(report | {"inputs": given, "outputs": made, "time": timing.as_json(), "written": str(path)})
        return
    rows = [
        (kind, row["name"], "x".join(map(str, row["shape"])), row["dtype"], _number(row["min"]), _number(row["max"]))
        for kind, summaries in (("in", given), ("out", made))
        for row in summaries
    ]
    print_table(("", "name", "shape", "dtype", "min", "max"), rows)
    for row in made:
        if row["non_finite"]:
            print(f"warning: output {row['name']!r} holds {row['non_finite']} NaN or infinite values")
    runs = f"median of {timing.runs} runs" if timing.runs > 1 else "one run, the first"
    print(f"{timing.median_ms:.2f} ms ({runs}; {engine.name} on {engine.device}), written to {path}")


def _summary(name: str, array: NDArray[Any]) -> dict[str, Any]:
    """Minimum and maximum are those of the finite values; JSON knows no others."""
    import numpy as np

    finite = array[np.isfinite(array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
    return {
        "name": name,
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "min": low,
        "max": high,
        "non_finite": int(array.size - finite.size),
    }


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
