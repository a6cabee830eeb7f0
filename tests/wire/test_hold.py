"""The game's side of pause, resume and step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from stylebridge.wire import Hold

from .conftest import MakeCollector, MakeSender
from .patience import until


def test_a_pause_ends_with_the_link_to_whoever_could_resume(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    game = make_sender(collector, flow="live")
    hold = Hold(game)
    game.connect(20)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(collector.control, game.session, "pause", 20)
        until(lambda: not hold.may_go(), says="the game holds")
        asked.result(20)
    assert not hold.may_go()
    collector.close()
    until(hold.may_go, says="the game goes on")


def test_steps_are_counted(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    game = make_sender(collector, flow="live")
    hold = Hold(game)
    game.connect(20)
    gone: list[bool] = []
    with ThreadPoolExecutor(1) as pool:
        for name, args in (("pause", {}), ("step", {"count": 2})):
            asked = pool.submit(collector.control, game.session, name, 20, **args)
            until(lambda asked=asked: gone.append(hold.may_go()) or asked.done(), says="it has answered")
            asked.result(0)
    gone += [hold.may_go() for _ in range(3)]
    assert gone[gone.index(False) :].count(True) == 2
    assert gone[-1] is False
