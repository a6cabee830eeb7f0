"""The `stylebridge` command: registers the commands and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from stylebridge import __version__
from stylebridge.cli import (
    bench,
    bisect,
    capture,
    check,
    compare,
    contract,
    demo,
    doctor,
    explain,
    export,
    fix,
    flicker,
    keys,
    listen,
    parity,
    play,
    recording,
    run,
    send,
    stylize,
    train,
    watch,
)
from stylebridge.errors import MissingExtra, StylebridgeError

# torch's threads spin while they wait for each other; beside a game, which needs the processor too, a long spin doubles
# the time of a frame, and a short one costs nothing that can be measured.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

# package -> the extra that brings it
EXTRAS = {
    "torch": "torch",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "onnxsim": "onnx",
    "jinja2": "report",
    "zmq": "wire",
    "starlette": "watch",
    "uvicorn": "watch",
    "websockets": "watch",
    "panda3d": "scene",
    "zstandard": "recording",
    "av": "video",
    "OpenEXR": "exr",
    "mlagents_envs": "mlagents",
}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("stylize")(stylize.command)
app.command("export")(export.command)
app.command("check")(check.command)
app.command("explain")(explain.command)
app.command("fix")(fix.command)
app.add_typer(contract.app, name="contract")
app.command("train")(train.command)
app.command("parity")(parity.command)
app.command("bisect")(bisect.command)
app.command("compare")(compare.command)
app.command("flicker")(flicker.command)
app.command("watch")(watch.command)
app.command("bench")(bench.command)
app.command("run")(run.command)
app.command("play")(play.command)
app.command("capture")(capture.command)
app.add_typer(recording.app, name="recording")
app.command("listen")(listen.command)
app.command("send")(send.command)
app.add_typer(keys.app, name="keys")
app.command("doctor")(doctor.command)
app.command("demo")(demo.command)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; stands anywhere.")] = False,
) -> None:
    """Put a neural style into a game and know that the engine shows what was trained."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line."""
    debug = "--debug" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--debug"]
    try:
        app()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if debug or package not in EXTRAS:
            raise
        missing = MissingExtra(package, EXTRAS[package])
        print(f"stylebridge: {missing}", file=sys.stderr)
        raise SystemExit(missing.exit_code) from None
    except StylebridgeError as error:
        if debug:
            raise
        print(f"stylebridge: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        if debug:
            raise
        what = " ".join(str(error).split())[:300]
        print(
            f"stylebridge: internal error: {type(error).__name__}: {what}. Run it again as: stylebridge --debug …",
            file=sys.stderr,
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
