"""The live page in a real browser: pictures flow, keys do what the help says, faults are shown where they belong."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.contract import PixelContract
from stylebridge.frame import Camera, Frame
from stylebridge.imaging import opencv
from stylebridge.watch.choice import opener_for
from stylebridge.watch.partner import Inbox
from stylebridge.watch.plan import Plan
from stylebridge.watch.studio import Studio
from wire.patience import until

from .plans import Clip, Stream, inverted, moment, opener, plan, reddish

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("websockets")
sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'stylebridge[dev]'")
from stylebridge.watch.server import Server  # noqa: E402

CHROMIUM = "/usr/bin/chromium" if Path("/usr/bin/chromium").is_file() else shutil.which("chromium")
if not CHROMIUM:
    pytest.skip("no Chromium: install it as /usr/bin/chromium or on the path", allow_module_level=True)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Open = Callable[..., Any]
SHOWN = "document.querySelector('section[data-column={}] canvas')?.width === 64"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Any, studio: Callable[[Plan], Studio]) -> Iterator[Open]:
    """Serve a plan and open its page, or another page of the same one; they must stay quiet until the end."""
    faults: list[str] = []
    pages: list[Any] = []
    servers: list[tuple[Server, threading.Thread]] = []

    def open_page(of: Plan | None = None, columns: tuple[str, ...] = ("game",)) -> Any:
        if of is not None:
            server = Server(studio(of))
            servers.append((server, server.start()))
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        pages.append(page)
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(servers[-1][0].url)
        for name in columns:
            becomes(page, SHOWN.format(name))
        return page

    open_page.studio = lambda: servers[-1][0]._studio  # type: ignore[attr-defined]
    yield open_page
    for page in pages:
        page.close()
    for server, thread in servers:
        server.stop()
        thread.join(10)
    assert faults == []


def becomes(page: Any, expression: str, says: str = "") -> None:
    """Wait until this is true; the page's policy forbids that the browser itself polls for it."""
    until(lambda: page.evaluate(expression), 15, says or expression)


def pixel(page: Any, selector: str, at: float = 0.5) -> tuple[int, int, int]:
    """A pixel from the screen, in the middle of the height."""
    data = np.frombuffer(page.locator(selector).screenshot(), np.uint8)
    shown = opencv().cvtColor(opencv().imdecode(data, 1), opencv().COLOR_BGR2RGB)
    red, green, blue = shown[shown.shape[0] // 2, int(shown.shape[1] * at)]
    return int(red), int(green), int(blue)


def number(page: Any) -> int:
    return int(page.locator("#number").inner_text().split()[0])


def paused(opened: Open, page: Any, at: int) -> None:
    """Stop at a frame, drawn in every column."""
    page.keyboard.press("Space")
    page.locator("#play", has_text="Play").wait_for()
    page.locator("#seek").fill(str(at))
    becomes(page, f"document.getElementById('number').textContent.startsWith('{at + 1} of')")


def test_columns_show_their_own_pictures_of_one_moment(opened: Open) -> None:
    page = opened(plan(lambda: Clip(100), a=opener(inverted), b=opener(reddish)), ("game", "a", "b"))
    paused(opened, page, 40)
    level = 50
    assert pixel(page, "section[data-column=game] canvas") == pytest.approx((level,) * 3, abs=3)
    assert pixel(page, "section[data-column=a] canvas") == pytest.approx((255 - level,) * 3, abs=3)
    assert pixel(page, "section[data-column=b] canvas") == pytest.approx((200, level, level), abs=4)
    assert page.locator("section h3 span:first-child").all_inner_texts() == ["Game", "A", "B"]
    assert "age" in page.locator("section[data-column=a] .figures").inner_text()


def test_pictures_flow(opened: Open) -> None:
    page = opened(plan(lambda: Clip(5), a=opener(inverted)), ("game", "a"))
    seen = set()
    until(lambda: seen.add(number(page)) or len(seen) >= 4)
    becomes(page, "parseFloat(document.querySelector('section[data-column=a] .figures').textContent) > 1")


def test_keys_pause_step_and_jump(opened: Open) -> None:
    page = opened(plan(lambda: Clip(100), a=opener(inverted)), ("game", "a"))
    paused(opened, page, 10)
    for key, wanted in ((".", 12), (",", 11), ("ArrowRight", 12), ("ArrowLeft", 11), ("Home", 1), ("End", 100)):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        becomes(page, f"document.getElementById('number').textContent.startsWith('{wanted} of')")
    page.keyboard.press("Space")
    page.locator("#play", has_text="Pause").wait_for()


def test_the_wipe_shows_one_column_on_each_side(opened: Open) -> None:
    page = opened(plan(lambda: Clip(100), a=opener(inverted), b=opener(reddish)), ("game", "a", "b"))
    paused(opened, page, 0)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("2")
    becomes(page, "document.getElementById('wipe-right').width === 64")
    assert pixel(page, "#wipe", 0.4) == pytest.approx((10, 10, 10), abs=3)
    assert pixel(page, "#wipe", 0.6) == pytest.approx((245, 245, 245), abs=3)
    page.keyboard.press("b")
    becomes(page, "document.getElementById('tag-right').textContent === 'B'")
    until(lambda: pixel(page, "#wipe", 0.6)[0] < 210)
    box = page.locator("#wipe").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 50)
    page.mouse.down()
    page.mouse.up()
    assert int(page.locator("#wipe").get_attribute("aria-valuenow")) == 30
    page.keyboard.press("ArrowRight")
    assert int(page.locator("#wipe").get_attribute("aria-valuenow")) == 32


def test_the_difference_says_how_much(opened: Open) -> None:
    page = opened(plan(lambda: Clip(3), a=opener(inverted), b=opener(inverted)), ("game", "a", "b"))
    page.keyboard.press("3")
    page.locator("#heat-facts", has_text="largest").wait_for()
    page.keyboard.press("a")
    page.keyboard.press("b")
    page.locator("#heat-facts", has_text="A and B").wait_for()
    page.locator("#heat-facts", has_text="equal in every pixel").wait_for()


def test_style_and_key_frames_are_switched_by_keys(opened: Open) -> None:
    page = opened(plan(lambda: Clip(20), a=opener(inverted)), ("game", "a"))
    choice = lambda: opened.studio().choice  # type: ignore[attr-defined] # noqa: E731
    for key, wanted in (
        ("m", (1, "plain", 4)),
        ("u", (1, "reproject", 4)),
        ("]", (1, "reproject", 5)),
        ("u", (1, "causal", 5)),
    ):
        page.keyboard.press(key)
        until(lambda wanted=wanted: (choice().model, choice().mode, choice().every) == wanted)
        becomes(page, f"document.getElementById('mode').value === '{wanted[1]}'")
    assert page.locator("#every-number").inner_text() == "5"
    page.keyboard.press("u")
    page.keyboard.press("u")  # before the page has heard of the first one
    until(lambda: choice().mode == "reproject")


def test_help_comes_and_goes(opened: Open) -> None:
    page = opened(plan(Clip))
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("2")  # not obeyed below the help
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    assert page.locator("#columns").is_visible()


def test_an_engine_failing_midway_says_so_in_its_column(opened: Open) -> None:
    def failing(frame: Frame) -> Frame:
        if frame.clock.frame_id >= 3:
            raise MemoryError("<b>no room</b>")
        return frame

    page = opened(plan(lambda: Clip(500), a=opener(failing), b=opener(inverted)), ("game", "b"))
    fault = page.locator("section[data-column=a] .fault")
    fault.wait_for()
    assert fault.inner_text() == "MemoryError: <b>no room</b>"
    at = number(page)
    until(lambda: number(page) > at)
    assert not page.locator("section[data-column=b] .fault").is_visible()
    page.keyboard.press("r")  # nothing breaks when it is tried again
    fault.wait_for()


def test_numbers_that_are_none_are_told(opened: Open) -> None:
    contract = PixelContract()

    def broken(frame: Frame) -> Frame:
        tensor = contract.to_tensor(frame)
        tensor[:, :, 3, 4] = np.nan
        return contract.to_frame(tensor, frame)

    page = opened(plan(lambda: Clip(50), a=opener(broken)))
    fault = page.locator("section[data-column=a] .fault")
    fault.wait_for()
    assert "3 NaN or infinite values" in fault.inner_text()


def test_two_viewers_see_the_same_and_one_may_leave(opened: Open) -> None:
    one = opened(plan(lambda: Clip(100), a=opener(inverted)), ("game", "a"))
    two = opened(columns=("game", "a"))
    two.locator("#facts", has_text="2 viewers").wait_for()
    paused(opened, one, 30)
    becomes(two, "document.getElementById('number').textContent.startsWith('31 of')")
    one.close()
    two.locator("#facts", has_text="1 viewer").wait_for()
    two.keyboard.press("Space")
    until(lambda: number(two) != 31)


def test_a_live_game_is_captured(opened: Open, tmp_path: Path) -> None:
    pytest.importorskip("zstandard")
    stream = Stream()
    stream.give(moment(0))
    page = opened(plan(lambda: stream, tmp_path, a=opener(inverted)), ("game", "a"))
    assert page.locator("#kind").inner_text() == "live"
    assert not page.locator("#seek").is_visible()
    page.keyboard.press("c")
    page.locator("#capture", has_text="Stop").wait_for()
    stream.give(moment(1), moment(2))
    page.locator("#capture-facts", has_text="2 frames").wait_for()
    page.keyboard.press("c")
    page.locator("#capture", has_text="Capture").wait_for()
    assert [file.suffix for file in tmp_path.iterdir()] == [".mcap"]


def test_how_to_get_motion_is_told_where_there_is_none(opened: Open) -> None:
    class Still(Clip):
        def read(self) -> Frame | None:
            frame = super().read()
            return frame and replace(frame, motion=None, occlusion=None)

    page = opened(plan(lambda: Still(50), a=opener(inverted)), ("game", "a"))
    page.locator("#hint", has_text="?motion=dis").wait_for()
    page.keyboard.press("u")
    page.locator("section[data-column=a] .fault", has_text="?motion=dis").wait_for()


def test_the_games_own_engine_has_a_column_that_says_when_it_is_not_there(opened: Open) -> None:
    stream, numbers = Stream(), itertools.count()
    inbox = Inbox("styled")
    column = ("live:styled", "styled (live)", opener_for("live:styled", (Path("a.onnx"),), inbox=inbox))
    of = replace(plan(lambda: stream), columns=[column], partners={"styled": inbox})
    stream.give(moment(next(numbers)))
    page = opened(of)
    section = page.locator("section.absent")
    section.wait_for()
    assert "called 'styled'" in section.locator(".fault").inner_text()
    assert section.locator(".state").inner_text() == "waiting"
    assert not page.locator("#retry").is_visible()

    def feed() -> None:
        frame = moment(next(numbers))
        stream.give(frame, inverted(replace(frame, camera=Camera("styled"))))

    until(lambda: feed() or page.evaluate(SHOWN.format(r"live\\:styled")), 15)
    until(lambda: feed() or page.locator("section.running").count() == 2, 15)
    assert not page.locator(".fault >> visible=true").count()
