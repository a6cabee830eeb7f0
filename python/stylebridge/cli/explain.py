"""`stylebridge explain`: what is known about an operator, with the measured evidence."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylebridge.cli.output import PIPED_WIDTH, print_json, print_table

if TYPE_CHECKING:
    from rich.console import Console

    from stylebridge.opcheck.evidence import Knowledge
    from stylebridge.targets import Target

TITLES = {"barracuda": "Barracuda", "sentis": "Sentis and Inference Engine"}
INDENT = len("    → ")
COUNT_WORDS = {"throws": "throw", "ran": "run with nothing to compare with"}


def command(
    operator: Annotated[
        str, typer.Argument(help="Such as Resize; without one all are listed.", show_default=False)
    ] = "",
    target: Annotated[str, typer.Option(help="Only this release: barracuda-2.4.0, sentis+gpupixel …")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is known about an operator: which releases know it, what goes wrong with it, what was measured."""
    from rich.console import Console

    from stylebridge.opcheck.evidence import LINES, find_operator, knowledge, rule_summary
    from stylebridge.targets import find_target

    chosen = find_target(target) if target else None
    lines = [line for line in LINES if chosen is None or line == chosen.line]
    if not operator:
        _list(lines, chosen, as_json=as_json)
        return
    op = find_operator(operator)
    known = [knowledge(op, line) for line in lines]
    if as_json:
        print_json(
            {
                "operator": op,
                "summary": rule_summary(op),
                "lines": {each.line: _as_json(each, chosen) for each in known},
            }
        )
        return
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=True, markup=False)
    summary = rule_summary(op)
    if not summary.startswith(f"{op}:"):
        console.print(op, style="bold")
    if summary:
        console.print(summary)
    if not known:
        console.print("ONNX Runtime computes it as ONNX says: it is what the others are compared with.")
    for each in known:
        _print(console, each, chosen)


def _print(console: Console, known: Knowledge, chosen: Target | None) -> None:
    from rich.text import Text

    from stylebridge.opcheck.evidence import span_words

    def span(found: Any) -> str:
        return "" if chosen else f" ({span_words(known.line, found.since, found.until)})"

    console.print()
    console.print(Text(f"{TITLES[known.line]}: ", style="bold").append(_registered(known, chosen), style="not bold"))
    if known.registered is not None:
        console.print(f"  Rule: {known.rule or 'computed as ONNX says.'}")
    for documented in _within(known.entry.documented, chosen):
        console.print(f"  {documented.words}{span(documented)}")
    for counted in _within(known.entry.cases, chosen):
        words = ", ".join(f"{n} {COUNT_WORDS.get(word, word)}" for word, n in counted.to_dict().items() if n)
        console.print(f"  Measured models with it: {words}{span(counted)}")
    for restriction in known.entry.measured:
        found = Text("    → ")
        for each in _within(restriction.found, chosen):
            found.append("; " if len(found) > INDENT else "")
            found.append(each.behaviour, style="green" if each.behaviour.startswith("ok") else "yellow")
            found.append(span(each), style="dim")
        if len(found) > INDENT:
            console.print(f"  Measured: {restriction.when}")
            console.print(found)


def _registered(known: Knowledge, chosen: Target | None) -> str:
    """Who knows the operator."""
    from stylebridge.opcheck.evidence import covers, span_words, was_read_only

    span = known.registered
    if span is None:
        return "no release knows it"
    words = span_words(known.line, span.since, span.until)
    if chosen is None:
        return f"known to {words}"
    told = "knows it" if covers(span.since, span.until, chosen) else "does not know it"
    remark = "; this release was read, not run" if was_read_only(chosen) else ""
    return f"{chosen.name} {told} (known to: {words}){remark}"


def _within(found: Iterable[Any], chosen: Target | None) -> Iterable[Any]:
    """What concerns the chosen release, or everything."""
    from stylebridge.opcheck.evidence import covers

    return [each for each in found if chosen is None or covers(each.since, each.until, chosen)]


def _as_json(known: Knowledge, chosen: Target | None) -> dict[str, object]:
    def spans(found: Iterable[Any], **words: Any) -> list[dict[str, object]]:
        return [
            {"since": each.since, "until": each.until} | {key: value(each) for key, value in words.items()}
            for each in _within(found, chosen)
        ]

    span = known.registered
    return {
        "registered": None if span is None else {"since": span.since, "until": span.until or None},
        "rule": known.rule,
        "documented": spans(known.entry.documented, promise=lambda each: list(each.promise)),
        "cases": spans(known.entry.cases, counts=lambda each: each.to_dict()),
        "measured": [
            {"when": restriction.when, "found": found}
            for restriction in known.entry.measured
            if (found := spans(restriction.found, behaviour=lambda each: each.behaviour))
        ],
    }


def _list(lines: list[str], chosen: Target | None, *, as_json: bool) -> None:
    """All operators that a measured importer knows, and all targets."""
    from stylebridge.opcheck.evidence import span_words
    from stylebridge.opcheck.targets import is_registered, operator_table
    from stylebridge.targets import TARGETS

    spans = {line: operator_table()[line] for line in lines}
    operators = sorted({op for table in spans.values() for op in table})
    if chosen is not None:
        operators = [op for op in operators if is_registered(op, chosen)]
    if as_json:
        since = {op: {line: spans[line][op].since for line in lines if op in spans[line]} for op in operators}
        print_json({"operators": since, "targets": [one.name for one in TARGETS]})
        return
    rows = []
    for op in operators:
        known = {line: spans[line].get(op) for line in lines}
        words = [span_words(line, span.since, span.until) if span else "-" for line, span in known.items()]
        rows.append((op, *words))
    print_table(("operator", *(TITLES[line] for line in lines)), rows)
    print(f"\n{len(operators)} operators. Targets, the newest of a family by its short name:")
    for family in dict.fromkeys(one.family for one in TARGETS):
        versions = " ".join(one.version for one in TARGETS if one.family == family)
        print(f"  {family} {versions}".rstrip())
