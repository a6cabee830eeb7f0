"""Studio: everything behind the live page but its viewers: player, columns, differences, capture, settings."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.watch.cache import Cache
from stylebridge.watch.choice import Opener
from stylebridge.watch.column import Column, check_columns
from stylebridge.watch.commands import Capture, Command, Play, Retry, Seek, Step, Stream, Style, Together
from stylebridge.watch.differences import Differences
from stylebridge.watch.faults import explained
from stylebridge.watch.live import Live
from stylebridge.watch.moment import Moment, Picture, Shown
from stylebridge.watch.partner import partner_of
from stylebridge.watch.passing import MAX_PASSED
from stylebridge.watch.plan import Plan
from stylebridge.watch.player import Player, Replay
from stylebridge.watch.remote import Remote
from stylebridge.watch.styled import PartnerColumn, StyledColumn
from stylebridge.watch.tape import Tape

GAME = "game"
CLOSE_S = 5.0  # for engines to end the pictures under way


class Studio:
    """Runs until it is closed; `subscribe` tells when something new can be shown, from any thread."""

    def __init__(self, plan: Plan) -> None:
        check_columns([GAME, *(name for name, _, _ in plan.columns)])
        self.plan = plan
        self.choice = plan.choice
        self.viewers = 0
        self.refusals = 0
        self._serials = itertools.count(1)
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self.tape = Tape(plan.captures, plan.name)
        self._cache: Cache | None = None
        self.together = plan.together
        self._held: list[Moment] = []  # for the next round of a live game's columns
        self.player = self._player()
        self.columns: dict[str, Column] = {GAME: Column(GAME, "Game", self._count, self._shown)}
        self.differences = Differences(self.columns, self._count, self._tell)
        self._styled: list[StyledColumn] = []  # they begin every round of a live game together
        self._partners: list[StyledColumn] = []  # what the game's engine shows is made already
        for each in plan.columns:
            self._add_column(*each)
        self.player.start()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call this whenever something changes; gives what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return end

    def enter(self) -> None:
        """A viewer has come."""
        self.viewers += 1
        if self.plan.rests and self.viewers == 1:
            self.player.again()

    def leave(self) -> None:
        """A viewer has gone."""
        self.viewers -= 1

    def aligned(self, names: Collection[str] | None = None) -> dict[str, Shown]:
        """What every working column, or these of them, shows of the newest moment that all of them have."""
        wanted = {name: column for name, column in self.columns.items() if names is None or name in names}
        working = {name: column for name, column in wanted.items() if column.status == "running"}
        if not working:
            return {}
        common = set.intersection(*(column.numbers() for column in working.values()))
        moments = [{name: column.at(number) for name, column in working.items()} for number in common]
        whole = [
            {name: shown for name, shown in moment.items() if shown is not None}
            for moment in moments
            if None not in moment.values()
        ]
        return max(whole, key=lambda moment: max(shown.serial for shown in moment.values()), default={})

    def newest(self) -> dict[str, Shown]:
        """What every column shows now, whichever moment that is."""
        return {name: latest for name, column in self.columns.items() if (latest := column.latest) is not None}

    def obey(self, command: Command) -> None:
        """Do what a viewer asks; raises what can't be done."""
        if isinstance(command, Play | Step):
            for inbox in self.plan.partners.values():
                inbox.wait_anew()
        match command:
            case Play(on=on):
                self.player.play(on)
            case Step(count=count):
                self.player.step(count)
            case Seek(number=number):
                self.player.seek(number)
            case Together(on=on):
                with self._lock:
                    self.together, self._held = on, []
                if isinstance(self.player, Replay):
                    self.player.together = on
                    self.player.poke()
            case Stream(name=name):
                self.player.choose_stream(name)
                self._forget()
            case Style():
                self._choose(command)
            case Retry():
                self._apply()
            case Capture(on=on):
                self._capture(on)
        self._tell()

    def state(self) -> dict[str, Any]:
        """Everything that the page shows in words and numbers."""
        return {
            "source": self.plan.name,
            "player": self.player.state(),
            "together": self.together,
            "columns": [column.state() for column in self.columns.values()],
            "models": list(self.plan.models),
            "choice": {"model": self.choice.model, "mode": self.choice.mode, "every": self.choice.every},
            "capture": self._capture_state() | {"possible": self.player.is_live},
            "viewers": self.viewers,
        }

    def close(self, wait_s: float = CLOSE_S) -> bool:
        """Stop everything; a capture under way is ended as it should be. Says whether no engine is at work any more."""
        columns = (*self._styled, *self._partners)
        for column in columns:
            column.end()
        self.player.close()
        self.tape.stop()
        self.differences.close()
        deadline = time.monotonic() + wait_s
        idle = [column.close(max(0.0, deadline - time.monotonic())) for column in columns]
        return all(idle)

    def _player(self) -> Player:
        plan = self.plan
        if plan.apart:
            return Remote(
                plan.apart, self._publish, plan.captures, self._tell, tuple(plan.partners), self._take_picture
            )
        source = plan.open()
        if source.frame_count is None:  # a recording, a video and pictures know theirs, and can be opened again
            names, take = tuple(plan.partners), self._take_picture
            return Live(plan.open, source, self._publish, self.tape, partners=names, on_partner=take)
        if plan.partners:
            source.close()
            raise InputError(
                f"a column live:{next(iter(plan.partners))}",
                expected="a live game",
                do="name what was recorded: recording:FILE?camera=NAME",
                where=plan.name,
            )
        if source.interleaves or source.turns > 1:
            source.close()
            raise InputError(
                "frames of several cameras or games",
                expected="one, so that each frame follows the one before",
                do="choose one: add ?camera=NAME or ?game=NAME",
                where=plan.name,
            )
        self._cache = Cache(plan.cache_bytes)
        return Replay(plan.open, source, self._publish, self._is_idle, plan.together)

    def _add_column(self, name: str, label: str, opener: Opener) -> None:
        is_partner = partner_of(name) in self.plan.partners
        kind, group = (PartnerColumn, self._partners) if is_partner else (StyledColumn, self._styled)
        column = kind(name, label, opener, self.choice, self._cache, self._count, self._shown)
        self.columns[name] = column
        group.append(column)

    def _count(self) -> int:
        return next(self._serials)

    def _take_picture(self, name: str, picture: Frame, strange: bool) -> None:
        self.plan.partners[name].put(picture, strange=strange)

    def _publish(self, moment: Moment) -> bool:
        """A moment for all columns; the game's own is shown at once."""
        game = self.columns[GAME]
        for column in self.columns.values():
            column.drop(moment.number)
        self._offer(moment)
        try:
            kept = self._cache.get(GAME, None, moment.number) if self._cache else None
            picture = kept or Picture(moment.frame.rgb, moment.number)
            if self._cache and kept is None:
                self._cache.put(GAME, None, moment.number, picture)
            game.error = ""
            game.show(picture, moment.captured_ns)
        except (StylebridgeError, EOFError) as error:  # one damaged frame doesn't end a recording
            game.failures += 1
            game.error = explained(error)
            self._tell()
        return True

    def _offer(self, moment: Moment) -> None:
        """A recording waits for its columns anyway; those of a live game begin every round with the same moment."""
        if self._may_rest():
            with self._lock:
                self._held = []
            return
        for column in self._partners:
            column.offer(moment)
        if not (self.player.is_live and self.together):
            for column in self._styled:
                column.offer(moment)
            return
        with self._lock:
            self._held.append(moment)
            surplus = max(0, len(self._held) - MAX_PASSED - 2)
            del self._held[:surplus]
        for column in self._styled:
            column.passed_over += surplus
        self._begin_round()

    def _may_rest(self) -> bool:
        """Whether nobody looks and every engine has shown once that it works, or why it doesn't."""
        is_unseen = self.plan.rests and not self.viewers
        return is_unseen and all(column.latest or column.error for column in self._styled)

    def _begin_round(self) -> None:
        with self._lock:
            if not self._held or not all(column.idle for column in self._styled):
                return
            held, self._held = self._held, []
            for shown in (self.columns[GAME], *self._partners):
                shown.pin(held[-1].number)
            for column in self._styled:
                column.offer(*held)

    def _is_idle(self) -> bool:
        return all(column.idle for column in self._styled) and not self.differences.behind

    def _shown(self) -> None:
        self.differences.look()
        self._tell()
        if self.player.is_live:
            self._begin_round()
        else:
            self.player.poke()

    def _tell(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def _choose(self, style: Style) -> None:
        model = self.choice.model if style.model is None else style.model
        if not 0 <= model < max(1, len(self.plan.models)):
            raise InputError(f"model {model}", expected=f"0 to {len(self.plan.models) - 1}")
        choice = replace(
            self.choice, model=model, mode=style.mode or self.choice.mode, every=style.every or self.choice.every
        )
        if choice != self.choice:
            self.choice = choice
            self._apply()

    def _apply(self) -> None:
        for column in (*self._styled, *self._partners):
            column.choose(self.choice)
        self._forget()
        self.player.again()

    def _forget(self) -> None:
        for column in self.columns.values():
            column.forget()

    def _capture_state(self) -> dict[str, Any]:
        return self.player.capture_state() if isinstance(self.player, Remote) else self.tape.state()

    def _capture(self, on: bool) -> None:
        if on and not self.player.is_live:
            raise InputError("a recording is recorded already", expected="a game or another live source")
        if isinstance(self.player, Remote):
            self.player.capture(on)
        elif on:
            self.tape.start()
        else:
            self.tape.stop()
