"""The page of a sweep: every run's picture, best first, with a slider for each setting."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stylebridge.errors import MissingExtra
from stylebridge.files import write_bytes
from stylebridge.imaging import encode_jpeg, read_image, resize_image
from stylebridge.train.folder import RunFolder

PAGE = "sweep.html"
WIDTH = 600  # of a picture on the page


def write_sweep_page(folder: Path, title: str, trials: Sequence[Mapping[str, Any]]) -> Path:
    """Write the page into the sweep's folder."""
    try:
        from jinja2 import Environment
    except ImportError as error:
        raise MissingExtra("jinja2", "report") from error
    template = Environment(autoescape=True).from_string((Path(__file__).with_name("sweep.html")).read_text("utf-8"))
    scales = {name: sorted_values(name, trials) for name in trials[0]["settings"]}
    cells = [
        {**trial, "picture": _picture(Path(trial["run"])), "place": _place(trial["settings"], scales)}
        for trial in trials
    ]
    texts = {name: [_text(value) for value in values] for name, values in scales.items()}
    path = folder / PAGE
    write_bytes(path, template.render(title=title, trials=cells, scales=texts).encode())
    return path


def sorted_values(name: str, trials: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The values that a setting had in any trial, from lowest to highest."""
    values = {_text(trial["settings"][name]): trial["settings"][name] for trial in trials}
    return sorted(values.values(), key=lambda value: (str(type(value)), value))


def _place(settings: Mapping[str, Any], scales: Mapping[str, Sequence[Any]]) -> dict[str, float]:
    """Where each setting lies among the others, from 0 to 1."""
    return {name: scales[name].index(value) / max(1, len(scales[name]) - 1) for name, value in settings.items()}


def _picture(run: Path) -> str:
    pictures = RunFolder(run).looks()
    if not pictures:
        return ""
    color = read_image(pictures[-1])
    height = max(1, round(color.shape[0] * WIDTH / color.shape[1]))
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(resize_image(color, (WIDTH, height)))).decode()


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
