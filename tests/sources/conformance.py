"""What every source must do: derive a class, name it Test…, and give it the two fixtures."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.sources import Source, open_source


def frames_of(address: str) -> list[Frame]:
    with open_source(address) as source:
        return list(source)


class SourceConformance:
    @pytest.fixture
    def address(self) -> str:
        """A source of at least five frames of one size, without options."""
        raise NotImplementedError

    @pytest.fixture
    def count(self) -> int:
        """How many frames it gives."""
        raise NotImplementedError

    def test_every_frame_comes_and_ids_count_from_0(self, address: str, count: int) -> None:
        assert [frame.clock.frame_id for frame in frames_of(address)] == list(range(count))

    def test_time_runs_forward(self, address: str) -> None:
        clocks = [frame.clock for frame in frames_of(address)]
        assert clocks[0].wall_ns > 0
        for name in ("wall_ns", "simulation_s"):
            times = [getattr(clock, name) for clock in clocks]
            assert times == sorted(times)

    def test_what_the_source_says_about_itself_is_true(self, address: str, count: int) -> None:
        with open_source(address) as source:
            assert isinstance(source, Source)
            assert source.name.partition(":")[0] == address.partition(":")[0]
            assert source.frame_count in (count, None)
            assert source.fps is None or source.fps > 0
            assert len(source.paths) in (0, count)
            for frame in source:
                assert source.size in ((frame.width, frame.height), None)
            assert source.problems == [] or source.frame_count is None

    def test_it_is_its_own_iterator_and_stays_ended(self, address: str) -> None:
        with open_source(address) as source:
            assert iter(source) is source
            assert list(source)
            assert next(source, None) is None
            assert next(source, None) is None

    def test_nothing_comes_after_closing_and_closing_twice_is_harmless(self, address: str) -> None:
        source = open_source(address)
        next(source)
        source.close()
        assert next(source, None) is None
        source.close()

    def test_frames_are_independent_of_each_other(self, address: str) -> None:
        with open_source(address) as source:
            first = next(source)
            before = first.color.copy()
            next(source)
        assert np.array_equal(first.color, before)

    @pytest.mark.parametrize(
        ("options", "part"),
        [
            ("start=2", slice(2, None)),
            ("stop=3", slice(3)),
            ("every=2", slice(None, None, 2)),
            ("start=1&stop=5&every=3", slice(1, 5, 3)),
        ],
    )
    def test_a_part_is_a_slice_of_the_whole(self, address: str, count: int, options: str, part: slice) -> None:
        whole = frames_of(address)
        with open_source(f"{address}?{options}") as source:
            chosen = list(source)
            assert source.frame_count in (len(chosen), None)
        assert len(chosen) == len(whole[part])
        for index, (frame, wanted) in enumerate(zip(chosen, whole[part], strict=True)):
            assert frame.clock.frame_id == index
            assert np.array_equal(frame.color, wanted.color)

    def test_the_size_option_resizes(self, address: str) -> None:
        with open_source(f"{address}?size=10x4") as source:
            assert source.size == (10, 4)
            assert {frame.color.shape[:2] for frame in source} == {(4, 10)}

    def test_a_start_past_the_end_is_refused(self, address: str, count: int) -> None:
        with pytest.raises(InputError, match=f"no frame at start={count}"):
            frames_of(f"{address}?start={count}")

    def test_an_unknown_option_is_refused_with_the_known_ones(self, address: str) -> None:
        with pytest.raises(InputError, match=r"unknown option 'strat'; expected .*start"):
            open_source(f"{address}?strat=1")
