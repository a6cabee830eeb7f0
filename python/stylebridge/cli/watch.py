"""`stylebridge watch`: a live page with the game beside what each engine makes of it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from stylebridge.cli.output import print_json
from stylebridge.errors import InputError

if TYPE_CHECKING:
    from stylebridge.sources import Source
    from stylebridge.watch.choice import Opener
    from stylebridge.watch.plan import Plan

ENGINES = "torch,onnxruntime,barracuda-3.0.1"
LEAVE_S = 0.3  # for the pictures under way, when a person wants to leave
PLANES = "color+depth+motion+occlusion"  # what the flicker meter and the frames between key frames need


def command(
    source: Annotated[
        str, typer.Argument(help="A recording, zmq://127.0.0.1:5570 for games that call, or another source.")
    ],
    models: Annotated[
        list[str] | None,
        typer.Option("--models", "-m", help="Models, several with commas; the shipped one by default."),
    ] = None,
    engines: Annotated[
        str,
        typer.Option(
            "--engines", "-e", help="One column each, with commas; also ENGINE=FILE, recording:FILE, live:CAMERA."
        ),
    ] = ENGINES,
    contract: Annotated[str, typer.Option(help="The models' pixel contract, where they carry none.")] = "",
    mode: Annotated[str, typer.Option(help="Between key frames: plain, reproject, causal.")] = "plain",
    every: Annotated[int, typer.Option(min=1, max=16, help="Frames from one key frame to the next.")] = 4,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is; 0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(help="Who may see it: only this machine by default.")] = "127.0.0.1",
    captures: Annotated[Path, typer.Option(help="The folder that captures are written to.")] = Path(),
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads of each engine.")] = None,
    cache_mb: Annotated[int, typer.Option(min=0, help="Memory for a recording's pictures once they are made.")] = 512,
    free_running: Annotated[
        bool, typer.Option("--free-running", help="Each column works on its own moments; a recording keeps its pace.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print where the page is as one JSON object.")] = False,
) -> None:
    """Show a game or a recording live in the browser, beside what each engine makes of it."""
    from stylebridge.watch.server import Server
    from stylebridge.watch.studio import Studio

    signal.signal(signal.SIGTERM, _end)
    plan = _plan(source, models or [], engines, contract, mode, every, captures, threads)
    plan = _settled(plan, cache_mb << 20, together=not free_running)
    studio = Studio(plan)
    try:
        server = Server(studio, host, port)
        _announce(server, studio, as_json=as_json)
        with suppress(SystemExit):  # asked to end
            server.run()
    finally:
        is_idle = studio.close(LEAVE_S)
    if not is_idle:
        _leave()


def _leave() -> NoReturn:
    """Everything is closed and written but for engines amid a picture, and nobody wants to wait for those.

    Python's own way out would take their threads' interpreter away from under them.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _end(number: int, at: object) -> None:
    """Asked to end, it closes what is open, a capture above all, as after Ctrl-C."""
    raise SystemExit(0)


def _plan(
    source: str,
    models: Sequence[str],
    engines: str,
    contract: str,
    mode: str,
    every: int,
    captures: Path,
    threads: int | None,
) -> Plan:
    """What is asked for, looked at before anything is opened."""
    from stylebridge.watch.choice import MODES, Choice, check_word, label_of, opener_for
    from stylebridge.watch.partner import Inbox, partner_of
    from stylebridge.watch.plan import Plan

    paths = tuple(Path(name) for names in models for name in names.split(",") if name) or (_shipped(),)
    words = [word for word in engines.split(",") if word]
    for path in paths:
        if not path.is_file():
            raise InputError("no such file", expected="a model: .onnx, or a checkpoint", where=path)
    for word in words:
        check_word(word)
    if mode not in MODES:
        raise InputError(f"mode {mode!r}", expected=", ".join(MODES))
    if threads is None:  # engines side by side would only wait for each other
        threads = max(1, (os.cpu_count() or 2) // max(2, len(words)))
    inboxes = {name: Inbox(name) for name in filter(None, map(partner_of, words))}

    def opener(word: str) -> Opener:
        return opener_for(word, paths, contract, threads, inboxes.get(partner_of(word)))

    return Plan(
        name=source,
        open=_opener(source),
        columns=[(word, label_of(word), opener(word)) for word in words],
        models=_names(paths),
        captures=captures,
        choice=Choice(0, mode, every),
        apart=_game(source),
        rests=True,
        partners=inboxes,
    )


def _settled(plan: Plan, cache_bytes: int, *, together: bool) -> Plan:
    from dataclasses import replace

    return replace(plan, cache_bytes=cache_bytes, together=together)


def _shipped() -> Path:
    from stylebridge.assets import shipped_model

    return shipped_model("strokes.onnx")


def _names(paths: Sequence[Path]) -> list[str]:
    """File names, or whole paths where those are equal."""
    names = [path.name for path in paths]
    return [str(path) if names.count(path.name) > 1 else path.name for path in paths]


def _opener(text: str) -> Callable[[], Source]:
    from stylebridge.sources import open_source

    return lambda: open_source(text)


def _game(text: str) -> str:
    """The address of games, which are asked for what the meters need; nothing for another source."""
    if not text.startswith("zmq:"):
        return ""
    return text if "planes=" in text else text + ("&" if "?" in text else "?") + f"planes={PLANES}"


def _announce(server: object, studio: object, *, as_json: bool) -> None:
    from stylebridge.watch.server import Server
    from stylebridge.watch.studio import Studio

    assert isinstance(server, Server)  # noqa: S101 - the types are imported late
    assert isinstance(studio, Studio)  # noqa: S101
    listens_at = studio.player.state().get("listens_at", "")
    if as_json:
        print_json({"url": server.url, "listens_at": listens_at})
    else:
        print(f"The page is at {server.url} (Ctrl-C ends it)")
        if listens_at:
            print(f"Games call {listens_at}")
    sys.stdout.flush()
    if not server.is_loopback:
        print(
            f"stylebridge: warning: whoever reaches port {server.port} and knows the token in the address can watch,"
            " pause the game and record it; the connection is not encrypted",
            file=sys.stderr,
        )
