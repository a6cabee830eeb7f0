"""`stylebridge keys`: what encrypts a link and says who may call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylebridge.cli.output import print_json

app = typer.Typer(no_args_is_help=True, help="Make the keys that a link beyond this machine needs.")


@app.callback()
def _group() -> None:
    """Keep `new` a command of its own while it is the only one."""


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Whose keys: the collector's, or a game's.")],
    folder: Annotated[Path, typer.Option("--folder", "-d", help="Where to write them.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace keys of that name.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make NAME.key, which stays here, and NAME.pub, which goes to the other side."""
    from stylebridge.wire.keys import new_key

    secret, public = new_key(name, folder, force=force)
    if as_json:
        print_json({"name": name, "secret": str(secret), "public": str(public)})
        return
    print(f"{secret}: stays here; only you can read it")
    print(f"{public}: goes to the other side")
    print(f"the collector: stylebridge listen --bind 0.0.0.0 --key {secret} --allow FOLDER_OF_PUBLIC_KEYS")
    print(f"a game:        stylebridge send SOURCE --to HOST --key {secret} --peer COLLECTOR.pub")
