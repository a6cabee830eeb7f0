"""The `stylebridge` command: registers the commands and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from stylebridge import __version__
from stylebridge.cli import contract, demo, doctor, export, run, stylize, train
from stylebridge.errors import StylebridgeError

# torch's threads would spin while they wait, and beside a game or on a busy machine that costs tens of times the work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("stylize")(stylize.command)
app.command("export")(export.command)
app.add_typer(contract.app, name="contract")
app.add_typer(train.app, name="train")
app.command("run")(run.command)
app.command("doctor")(doctor.command)
app.command("demo")(demo.command)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Put a neural style into a game and know that the engine shows what was trained."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    context.obj = {"debug": debug}


def main() -> None:
    """Run the command line."""
    debug = "--debug" in sys.argv
    try:
        app()
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
