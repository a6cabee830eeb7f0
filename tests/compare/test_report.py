"""The report in a real browser: what a person does with the wipe, the slider, the menus, the keys and a printer."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.compare.page.album import Reel
from stylebridge.compare.page.report import Page, Section, one_for_equal, strip_of, write_page
from stylebridge.compare.page.tables import Table
from stylebridge.frame import ColorPlane
from stylebridge.imaging import encode_jpeg, opencv

pytest.importorskip("jinja2")
sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'stylebridge[dev]'")

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
FRAMES = 3
RED, GREEN, BLUE = (220, 20, 20), (20, 220, 20), (20, 20, 220)
EVIL = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>\"'"
Open = Callable[..., Any]


NAMES = ("Game", "PyTorch", "ONNX Runtime")


def picture(color: tuple[int, int, int], index: int) -> ColorPlane:
    """One colour a column, a little darker from frame to frame."""
    return np.full((36, 64, 3), color, np.uint8) - np.uint8(index * 5)


def report(
    title: str = "A title",
    names: tuple[str, ...] = NAMES,
    sections: tuple[Section, ...] = (),
    missing: dict[tuple[int, int], str] | None = None,
) -> Page:
    """Three columns of three frames; `missing` is (column, frame) -> what the column says about it."""
    pool, reels = [], []
    for column, (name, color) in enumerate(zip(names, (RED, BLUE, GREEN), strict=True)):
        reel = Reel(name, "column" if column else "game")
        for index in range(FRAMES):
            words = (missing or {}).get((column, index))
            reel.indices.append(len(pool) if words is None else -1)
            reel.trouble = reel.trouble or words or ""
            data = base64.b64encode(encode_jpeg(picture(color, index))).decode()
            pool += ["data:image/jpeg;base64," + data] if words is None else []
        reels.append(reel)
    return Page(title, "A subtitle", (64, 36), reels, pool, sections)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def watch(browser: Any) -> Iterator[Callable[[Path], tuple[Any, list[str]]]]:
    """Load a file and note everything that goes wrong in it or leaves it."""
    opened = []

    def load(path: Path, width: int = 1000) -> tuple[Any, list[str]]:
        page, faults = browser.new_page(viewport={"width": width, "height": 800}), []
        opened.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda sent: None if sent.url.startswith(("file:", "data:")) else faults.append(sent.url))
        page.goto(path.as_uri())
        return page, faults

    yield load
    for page in opened:
        page.close()


@pytest.fixture
def open_page(watch: Any, tmp_path: Path) -> Iterator[Open]:
    """Write a page and open it; it must stay quiet until the test's end."""
    seen: list[list[str]] = []

    def write_and_load(page: Page | None = None, width: int = 1000) -> Any:
        write_page(tmp_path / "index.html", page or report())
        opened, faults = watch(tmp_path / "index.html", width)
        seen.append(faults)
        return opened

    yield write_and_load
    assert seen == [[]] * len(seen)


def cut(page: Any) -> float:
    """Where the wipe stands, in percent; what is drawn and what is said to a screen reader must agree."""
    wipe = page.locator("#wipe")
    drawn = float(wipe.evaluate("wipe => wipe.style.getPropertyValue('--cut')").rstrip("%"))
    assert int(wipe.get_attribute("aria-valuenow")) == round(drawn)
    return drawn


def color_at(page: Any, part: float) -> str:
    """Which view shows at this part of the width, read from the screen."""
    data = np.frombuffer(page.locator("#wipe").screenshot(), np.uint8)
    shown = opencv().cvtColor(opencv().imdecode(data, 1), opencv().COLOR_BGR2RGB)
    pixel = shown[shown.shape[0] // 2, int(shown.shape[1] * part)].astype(int)
    return ("red", "green", "blue")[int(pixel.argmax())]


def point(page: Any, part: float) -> tuple[float, float]:
    box = page.locator("#wipe").bounding_box()
    return box["x"] + box["width"] * part, box["y"] + box["height"] / 2


def sources(page: Any) -> tuple[str, str]:
    return page.locator("#left img").get_attribute("src"), page.locator("#right img").get_attribute("src")


def tags(page: Any) -> tuple[str, str]:
    return page.locator(".tag.l").inner_text(), page.locator(".tag.r").inner_text()


def test_the_wipe_follows_the_pointer_while_it_is_pressed(open_page: Open) -> None:
    page = open_page()
    assert (cut(page), color_at(page, 0.4), color_at(page, 0.6)) == (50, "red", "blue")
    page.mouse.move(*point(page, 0.25))
    assert cut(page) == 50
    page.mouse.down()
    assert cut(page) == pytest.approx(25, abs=0.5)
    assert (color_at(page, 0.2), color_at(page, 0.4)) == ("red", "blue")
    page.mouse.move(*point(page, 0.75), steps=3)
    assert (color_at(page, 0.6), color_at(page, 0.8)) == ("red", "blue")
    page.mouse.move(*point(page, 1.5))  # outside the picture
    assert cut(page) == 100
    page.mouse.up()
    page.mouse.move(*point(page, 0.5))
    assert cut(page) == 100


def test_keys_move_the_wipe_and_stop_at_its_ends(open_page: Open) -> None:
    page = open_page()
    page.locator("#wipe").focus()
    page.keyboard.press("ArrowLeft")
    assert cut(page) == 48
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert cut(page) == 54
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    assert cut(page) == 0
    assert color_at(page, 0.1) == "blue"


def test_the_slider_and_the_keys_change_the_frame_of_both_sides(open_page: Open) -> None:
    page = open_page()
    first = sources(page)
    page.locator("#frame").fill("2")
    third = sources(page)
    assert page.locator("#number").inner_text() == "3 of 3"
    assert all(one != other for one, other in zip(first, third, strict=True))
    page.locator("#wipe").focus()
    page.keyboard.press("ArrowUp")  # past the last one comes the first
    assert sources(page) == first
    page.keyboard.press("ArrowDown")
    assert (sources(page), page.locator("#frame").input_value()) == (third, "2")


def test_keys_in_the_slider_stay_there(open_page: Open) -> None:
    page = open_page()
    page.locator("#frame").focus()
    page.keyboard.press("ArrowRight")
    assert (cut(page), page.locator("#frame").input_value()) == (50, "1")


def test_after_a_click_on_a_button_the_keys_work_on(open_page: Open) -> None:
    page = open_page()
    page.locator("#swap").click()
    assert tags(page) == ("PyTorch", "Game")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert (page.locator("#number").inner_text(), cut(page)) == ("2 of 3", 52)
    page.keyboard.press("Space")  # presses the button, and doesn't play
    assert tags(page) == ("Game", "PyTorch")
    assert page.locator("#play").inner_text() == "Play"


def test_the_first_pictures_are_seen_before_the_script_with_all_others_is_read(browser: Any, tmp_path: Path) -> None:
    write_page(tmp_path / "index.html", report())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    assert (color_at(page, 0.3), color_at(page, 0.7)) == ("red", "blue")
    context.close()


def test_home_and_end_go_to_the_ends(open_page: Open) -> None:
    page = open_page()
    page.locator("#wipe").press("End")
    assert page.locator("#number").inner_text() == "3 of 3"
    page.locator("#wipe").press("Home")
    assert page.locator("#number").inner_text() == "1 of 3"


def test_the_menus_choose_both_sides(open_page: Open) -> None:
    page = open_page()
    before, after = sources(page)
    assert [name.strip() for name in page.locator("#chooseright option").all_inner_texts()] == list(NAMES)
    page.locator("#chooseright").select_option(label="ONNX Runtime")
    assert sources(page)[0] == before
    assert sources(page)[1] != after
    page.locator("#chooseleft").select_option(label="PyTorch")
    assert tags(page) == ("PyTorch", "ONNX Runtime")
    assert (color_at(page, 0.2), color_at(page, 0.8)) == ("blue", "green")


def test_digits_choose_a_side_and_x_exchanges_them(open_page: Open) -> None:
    page = open_page()
    page.locator("#wipe").press("3")
    assert tags(page) == ("Game", "ONNX Runtime")
    page.locator("#wipe").press("Shift+Digit2")
    assert tags(page) == ("PyTorch", "ONNX Runtime")
    page.locator("#wipe").press("x")
    assert tags(page) == ("ONNX Runtime", "PyTorch")
    page.locator("#wipe").press("9")  # there is no ninth
    assert tags(page) == ("ONNX Runtime", "PyTorch")


def test_a_column_that_failed_says_why_and_shows_nothing_old(open_page: Open) -> None:
    page = open_page(report(missing={(1, 1): "the network gave NaN"}))
    words = page.locator("#right p")
    assert words.inner_text() == ""
    page.locator("#wipe").press("ArrowUp")
    assert (words.inner_text(), page.locator("#right img").is_hidden()) == ("the network gave NaN", True)
    page.locator("#wipe").press("ArrowUp")
    assert (words.inner_text(), page.locator("#right img").is_visible()) == ("", True)


def test_curves_are_drawn_with_their_gaps_and_lead_to_a_frame(open_page: Open) -> None:
    table = Table("Does it flicker?", ("column", "mean"), [("Game", "1.0")])
    section = Section([table], {"Zebra": [None, 2.0, 4.0], "Ant": [None, 1.0, None]}, "levels")
    page = open_page(report(sections=(section,)))
    assert page.locator("figcaption span").all_inner_texts() == ["Zebra", "Ant"]  # in the order given
    paths = [path.get_attribute("d") for path in page.locator(".curve").all()]
    assert [path.count("L") for path in paths] == [1, 0]
    page.locator("svg").scroll_into_view_if_needed()
    chart = page.locator("svg").bounding_box()
    page.mouse.click(chart["x"] + chart["width"] * 0.98, chart["y"] + 20)
    assert page.locator("#number").inner_text() == "3 of 3"


def test_a_narrow_chart_is_drawn_anew_and_not_shrunk(open_page: Open) -> None:
    section = Section([Table("Does it flicker?", ("column",), [("Game",)])], {"Game": [None, 2.0, 4.0]}, "levels")
    page = open_page(report(sections=(section,)))
    page.set_viewport_size({"width": 400, "height": 800})
    wide = "document.querySelector('svg').viewBox.baseVal.width - document.querySelector('svg').clientWidth"
    page.wait_for_function(f"Math.abs({wide}) < 3", timeout=5000)
    page.locator("#wipe").press("End")
    line = page.locator(".now")
    assert line.count() == 1
    assert float(line.get_attribute("x1")) > 300


def test_curves_that_look_equal_are_one_line_with_all_names() -> None:
    curves = {
        "Game": [None, 1.0],
        "A": [None, 8.0],
        "B": [None, 8.001],
        "C": [None, 8.2],
        "D": [8.0, None],
        "E": [None],
    }
    assert [name for name, _ in one_for_equal(curves)] == ["Game", "A = B", "C", "D", "E"]
    assert one_for_equal({}) == []
    assert [name for name, _ in one_for_equal({"A": [None], "B": [None]})] == ["A", "B"]


def test_verdicts_stand_out_and_words_begin_at_the_left(open_page: Open) -> None:
    table = Table(
        "Check", ("engine", "verdict", "n"), [("barracuda", "rejected", "3"), ("3 sentis and others", "ok", "failed")]
    )
    page = open_page(report(sections=(Section([table]),)))
    assert page.locator(".badge").evaluate_all("all => all.map(one => one.className)") == [
        "badge bad",
        "badge good",
        "badge bad",
    ]
    aligned = page.locator("thead th").evaluate_all("all => all.map(one => getComputedStyle(one).textAlign)")
    assert aligned == ["left", "left", "right"]


def test_paper_shows_strips_instead_of_the_wipe(open_page: Open) -> None:
    page = open_page()
    assert page.locator(".strips").is_hidden()
    page.emulate_media(media="print")
    assert page.locator(".wipe").is_hidden()
    assert [row.locator("img").count() for row in page.locator("[data-strip]").all()] == [FRAMES] * 3
    assert page.locator(".strips img").first.evaluate("image => image.naturalWidth") == 64


@pytest.mark.parametrize(("count", "strip"), [(1, [0]), (6, [0, 1, 2, 3, 4, 5]), (60, [0, 12, 24, 35, 47, 59])])
def test_a_strip_goes_from_the_first_frame_to_the_last(count: int, strip: list[int]) -> None:
    assert strip_of(count) == strip


def test_play_goes_round_and_round(open_page: Open) -> None:
    page = open_page()
    page.locator("#play").click()
    assert page.locator("#play").get_attribute("aria-pressed") == "true"
    assert page.locator("#play").inner_text() == "Pause"
    for shown in ("3 of 3", "1 of 3"):
        page.wait_for_function(f"document.getElementById('number').textContent === '{shown}'", timeout=5000)


def test_pause_holds_the_frame(browser: Any, tmp_path: Path) -> None:
    write_page(tmp_path / "index.html", report())
    page = browser.new_page()
    page.clock.install(time=0)
    page.goto((tmp_path / "index.html").as_uri())
    page.clock.pause_at(60_000)  # from here on, time passes only where the test says so
    number = page.locator("#number")
    page.locator("#wipe").press("Space")
    page.clock.run_for(100)  # a twelfth of a second and some
    assert number.inner_text() == "2 of 3"
    page.locator("#wipe").press("Space")
    page.clock.run_for(200)  # two frames more, if it went on
    assert (number.inner_text(), page.locator("#play").inner_text()) == ("2 of 3", "Play")
    page.close()


def test_a_telephone_shows_it_without_scrolling_sideways(open_page: Open) -> None:
    wide = Table("Many columns", [f"heading {n}" for n in range(20)], [[f"a long cell {n}" for n in range(20)]])
    names = ("Game", "barracuda-3.0.1 emulated, opset 9, frozen", "Difference: PyTorch – ONNX Runtime")
    page = open_page(report("A title of the usual length", names, (Section([wide]),)), width=390)
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) == 390
    assert page.locator(".scroll").evaluate("part => part.scrollWidth > part.clientWidth")
    page.evaluate("document.querySelector('.scroll').style.overflow = 'visible'")
    assert page.evaluate(width) > 390


def test_text_is_shown_and_never_run(open_page: Open) -> None:
    section = Section([Table(EVIL, (EVIL,), [(EVIL,)], text=EVIL)], {EVIL: [1.0, 2.0, 3.0]}, EVIL)
    page = open_page(report(EVIL, (EVIL, EVIL, "plain"), (section,), {(1, 0): EVIL}))
    assert page.evaluate("window.ran") is None
    assert (page.title(), page.locator("h1").inner_text()) == (EVIL, EVIL)
    places = (".tag.l", ".tag.r", "h2", "th", "td", "#right p", "figcaption span")
    assert [page.locator(part).inner_text() for part in places] == [EVIL] * len(places)
    assert page.locator("#chooseleft option").first.inner_text().strip() == EVIL


def test_a_page_that_calls_out_or_fails_would_be_seen(watch: Any, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    write_page(path, report())
    extra = "<script src='http://127.0.0.1:9/far.js'></script><script>missing()</script>"
    path.write_text(path.read_text("utf-8").replace("</html>", extra), "utf-8")
    _, faults = watch(path)
    assert any("127.0.0.1:9/far.js" in fault for fault in faults)
    assert any("missing is not defined" in fault for fault in faults)
