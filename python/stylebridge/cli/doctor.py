"""`stylebridge doctor`: what works on this machine, and how to get what doesn't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stylebridge.doctor import Check


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Say what works on this machine and how to get what doesn't."""
    import json
    from dataclasses import asdict

    from stylebridge import doctor

    checks = doctor.examine()
    usable = doctor.is_usable(checks)
    if as_json:
        typer.echo(json.dumps({"usable": usable, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        _print_table(checks)
    raise typer.Exit(0 if usable else 1)


def _print_table(checks: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "missing": "dim", "broken": "bold red"}
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "state", "found, and what to do"):
        table.add_column(heading, overflow="fold", no_wrap=False)
    for check in checks:
        style = styles[check.status]
        told = Text(check.detail, style="" if check.status == "ok" else style)
        if check.fix:
            told.append(f"\n→ {check.fix}", style="cyan")
        table.add_row(check.name, Text(check.status, style=style), told)
    Console().print(table)
