"""`stylebridge capture`: frames of games, cameras, videos and scenes into one recording."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args
from urllib.parse import quote

import typer

from stylebridge.cli.ending import terminable
from stylebridge.cli.feeds import details_of, feeds_of
from stylebridge.cli.output import print_json, print_table, progress_bar
from stylebridge.cli.recording_common import check_positive
from stylebridge.errors import InputError, Interrupted, StylebridgeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stylebridge.recording import Writer
    from stylebridge.recording.capture import Capture, Wish
    from stylebridge.sources.base import Source

SUFFIX = ".mcap"
LOOK_S = 0.1
PACE_S = 3.0  # over which frames and bytes per second are counted


def command(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE... OUT",
            help="What to record: zmq://HOST:PORT, scene:NAME, camera:0, a video …, several if you like; then the"
            " recording to write, .mcap.",
            show_default=False,
        ),
    ],
    frames: Annotated[
        int | None, typer.Option("--frames", "-n", min=1, help="Stop when the recording holds so many frames.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Stop so long after the first frame.")] = None,
    planes: Annotated[str, typer.Option(help="Planes to keep, such as color+depth+motion; all by default.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Keep every so many frames of each camera.")] = 1,
    dedupe: Annotated[bool, typer.Option("--dedupe", help="Leave out frames that look exactly as before.")] = False,
    flow: Annotated[
        str,
        typer.Option(
            help="Estimate motion: auto where the source gives none; dis-fast, dis, dis-fine everywhere; off."
        ),
    ] = "off",
    floats: Annotated[str, typer.Option(help="Depth, motion and normals: f16, or f32 to lose nothing.")] = "f16",
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="Store frames as they come, for games that need the processor: about a third of the work,"
            " three times the bytes; recording pack makes them small later.",
        ),
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Take an interrupted recording up again.")] = False,
    bind: Annotated[str, typer.Option("--bind", "-b", help="Listen here for games too: HOST:PORT.")] = "",
    key: Annotated[Path | None, typer.Option(help="For --bind: the secret key of this end.")] = None,
    allow: Annotated[Path | None, typer.Option(help="For --bind: the public keys that may call.")] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads that pack frames.")] = 2,
    note: Annotated[str, typer.Option(help="A line to keep in the recording.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace an existing recording.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Record frames until the sources end, enough has come, or Ctrl-C; whatever happens, what was recorded stays.

    A lossless game learns that a frame is safe only once it is in the file, and sends the others again to a capture
    that is started again with --resume.
    """
    from stylebridge.recording import Recording, Writer
    from stylebridge.recording.capture import Capture, Wish
    from stylebridge.recording.codec import SWIFT

    *names, last = sources
    out = _checked_out(last, names, resume=resume, force=force)
    names += [_bound(bind, key, allow)] if bind else []
    if not names:
        raise InputError("no source", expected="SOURCE... OUT", do="name one, or pass --bind HOST:PORT")
    if (key or allow) and not bind:
        raise InputError(
            "--key and --allow without --bind", expected="--bind HOST:PORT", do="or add ?key=… to a source"
        )
    check_positive("--seconds", seconds)
    wish, stored = Wish(_planes(planes), dedupe, frames, seconds), _floats(floats)
    capture = Capture(feeds_of(names, every, flow), wish)
    failure: StylebridgeError | None = None
    with _ending(capture):
        with terminable():
            opened = capture.open()
        details = details_of(names, opened, planes, every, flow, dedupe=dedupe, note=note)
        level = SWIFT if fast else 1
        writer = Writer(out, details, floats=stored, level=level, threads=threads, resume=resume, force=force)
        with _signals() as signals:
            _say_where(opened)
            capture.start(writer)
            _watch(capture, writer, opened, wish, signals, quiet=as_json)
            try:
                capture.finish()
            except StylebridgeError as error:
                failure = error
    if failure is not None and not writer.frame_count:
        raise failure
    if not writer.frame_count:
        _tell(capture.problems)
        if capture.refused:
            raise StylebridgeError("no frame could be kept, so nothing was written", where=out)
        if signals:
            raise Interrupted("stopped before a frame came, so nothing was written", where=out)
        raise StylebridgeError("no frame came, so nothing was written", where=out)
    if failure is not None:
        _report_failure(failure, writer)
    with Recording(out) as recording:
        streams = [stream.as_dict() for stream in recording.streams]
    _report(out, capture, writer, streams, as_json=as_json)


def _checked_out(last: str, names: Sequence[str], *, resume: bool, force: bool) -> Path:
    from stylebridge.files import check_output
    from stylebridge.sources.address import Address

    out = Path(last)
    if out.suffix.lower() != SUFFIX:
        raise InputError(f"the last word is {last}", expected=f"a recording to write, ending in {SUFFIX}")
    if resume and force:
        raise InputError("--resume and --force", expected="one of them: go on with the file, or replace it")
    if not (resume and out.exists() and not out.is_dir()):
        try:
            check_output(out, force)
        except InputError as error:
            if error.found != "already exists":
                raise
            do = "pass --resume to go on with it, or --force to replace it"
            raise InputError(error.found, do=do, where=out) from None
    if any(Path(Address.parse(name).rest).resolve() == out.resolve() for name in names):
        raise InputError("is read and written at once", expected="another file to write", where=out)
    return out


def _bound(bind: str, key: Path | None, allow: Path | None) -> str:
    """--bind as the name of a source."""
    given = [f"{name}={quote(str(path), safe='/')}" for name, path in (("key", key), ("allow", allow)) if path]
    return f"zmq://{bind}" + ("?" + "&".join(given) if given else "")


def _planes(text: str) -> tuple[str, ...]:
    from stylebridge.frame import PLANES

    names = tuple(text.split("+")) if text else ()
    for name in names:
        if name not in PLANES:
            raise InputError(f"plane {name!r}", expected="+ between: " + ", ".join(PLANES))
    return names


def _floats(text: str) -> Any:  # one of Floats, which only now may be imported
    from stylebridge.recording.codec import Floats

    if text not in get_args(Floats):
        raise InputError(f"floats {text!r}", expected=" or ".join(get_args(Floats)))
    return text


@contextmanager
def _ending(capture: Capture) -> Iterator[None]:
    """Let go of sources and file whatever happens."""
    try:
        yield
    except BaseException:
        with suppress(Exception):  # the first failure says more
            capture.finish()
        raise


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Gathers Ctrl-C and SIGTERM, upon which the capture ends in order; the second Ctrl-C ends the command."""
    gathered: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield gathered
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: object) -> None:
        gathered.append(number)  # and no more: what the thread was amid may hold a lock
        signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        for number in before:
            signal.signal(number, handle)
        yield gathered
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_where(sources: Sequence[Source]) -> None:
    for source in sources:
        if source.listens_at:
            typer.echo(f"listening at {source.listens_at}; Ctrl-C ends it", err=True)


def _watch(
    capture: Capture, writer: Writer, sources: Sequence[Source], wish: Wish, signals: Sequence[int], *, quiet: bool
) -> None:
    """Show how it goes until no more frames come, or a signal does."""
    promised = [source.frame_count for source in sources]
    known = [count for count in promised if count is not None]
    total = min(filter(None, (sum(known) if len(known) == len(promised) else None, wish.frames)), default=None)
    window: deque[tuple[float, int, int]] = deque()
    with progress_bar(quiet=quiet) as bar:
        task = bar.add_task("recording", total=total, note="")
        over = False
        while not over:
            if signals:
                capture.stop()
            over = capture.wait(LOOK_S)
            window.append((time.monotonic(), writer.frame_count, writer.bytes))
            while window[-1][0] - window[0][0] > PACE_S:
                window.popleft()
            bar.update(task, completed=writer.frame_count, note=_pace(capture, window, wish))


def _pace(capture: Capture, window: deque[tuple[float, int, int]], wish: Wish) -> str:
    (t0, frames0, bytes0), (t1, frames1, bytes1) = window[0], window[-1]
    span = max(t1 - t0, 1e-9)
    rate, megabytes = (frames1 - frames0) / span, (bytes1 - bytes0) / span / 1e6
    words = [f"{rate:.1f}/s", f"{bytes1 / 1e6:,.0f} MB", f"{megabytes:.1f} MB/s", f"{capture.dropped} drops"]
    words += [f"{capture.duplicates} equal"] if wish.dedupe else []
    if wish.seconds is not None:
        words.append(f"{max(0, math.ceil(wish.seconds - capture.elapsed_s))} s left")
    return ", ".join(words)


def _tell(problems: Sequence[str]) -> None:
    for problem in problems:
        typer.echo(f"note: {problem}", err=True)


def _report_failure(failure: StylebridgeError, writer: Writer) -> None:
    """Raise what stopped the capture, with what was kept."""
    kept = f"{writer.safe_count} frames are in {writer.path}"
    do = f"{failure.do}; {kept}" if failure.do else f"{kept}; go on with --resume"
    error = StylebridgeError(failure.found, expected=failure.expected, do=do, where=failure.where)
    error.exit_code = failure.exit_code
    raise error from failure


def _report(out: Path, capture: Capture, writer: Writer, streams: list[dict[str, Any]], *, as_json: bool) -> None:
    size, count = out.stat().st_size, writer.frame_count
    fps = round((capture.frames - 1) / capture.seconds, 2) if capture.frames > 1 and capture.seconds else None
    if as_json:
        print_json(
            {"out": str(out), "frames": capture.frames, "frames_before": writer.resumed_count}
            | {"seconds": round(capture.seconds, 3), "fps": fps, "bytes": size}
            | {"mb_per_frame": round(size / count / 1e6, 4), "dropped": capture.dropped}
            | {"duplicates": capture.duplicates, "streams": streams, "problems": capture.problems}
        )
        return
    _tell(capture.problems)
    rows = [
        (
            "/".join(filter(None, (s["game"], s["camera"]))),
            s["frames"],
            "{}x{}".format(*s["size"]),
            "+".join(s["planes"]),
        )
        for s in streams
    ]
    print_table(("stream", "frames", "size", "planes"), rows)
    words = [f"{capture.frames} frames in {capture.seconds:.1f} s" + (f" ({fps:g} frames/s)" if fps else "")]
    words += [f"{writer.resumed_count} from before"] if writer.resumed_count else []
    words += [
        f"{capture.dropped} dropped",
        *([f"{capture.duplicates} left out as equal"] if capture.duplicates else []),
    ]
    print(f"{out}: {', '.join(words)}; {size / 1e6:.1f} MB, {size / count / 1e6:.3f} MB a frame")
