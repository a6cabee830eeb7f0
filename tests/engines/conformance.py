"""What every engine must do. A test class inherits `EngineConformance` and says how to open a tiny picture network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stylebridge.engines import Engine
from stylebridge.errors import InputError


class EngineConformance:
    """The network must map float32 [1,3,H,W] to one float32 output of the same height and width."""

    @pytest.fixture
    def open_tiny(self) -> Any:
        """A function that opens the engine with the options it is given."""
        raise NotImplementedError

    @pytest.fixture
    def engine(self, open_tiny: Any) -> Any:
        with open_tiny() as engine:
            yield engine

    def given(self, engine: Engine, height: int = 12, width: int = 16) -> dict[str, np.ndarray]:
        values = np.random.default_rng(3).random((1, 3, height, width), dtype=np.float32)
        return {engine.inputs[0].name: values}

    def test_two_runs_give_identical_outputs(self, engine: Engine) -> None:
        inputs = self.given(engine)
        first, second = engine.run(inputs), engine.run(inputs)
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])

    def test_another_input_gives_another_output(self, engine: Engine) -> None:
        inputs = self.given(engine)
        other = {name: 1 - array for name, array in inputs.items()}
        name = engine.outputs[0].name
        assert not np.array_equal(engine.run(inputs)[name], engine.run(other)[name])

    def test_outputs_are_the_declared_ones_float32_and_contiguous(self, engine: Engine) -> None:
        outputs = engine.run(self.given(engine))
        assert list(outputs) == [info.name for info in engine.outputs]
        for info in engine.outputs:
            array = outputs[info.name]
            assert array.dtype == np.float32
            assert info.dtype == "float32"
            assert array.flags.c_contiguous
            assert info.fits(array.shape)
            assert array.shape[2:] == (12, 16)

    def test_inputs_are_left_alone(self, engine: Engine) -> None:
        inputs = self.given(engine)
        before = {name: array.copy() for name, array in inputs.items()}
        outputs = engine.run(inputs)
        for array in outputs.values():
            array[:] = 7  # an output that shared memory with an input would show here
        for name in inputs:
            np.testing.assert_array_equal(inputs[name], before[name])

    def test_an_output_survives_the_next_run(self, engine: Engine) -> None:
        inputs = self.given(engine)
        name = engine.outputs[0].name
        first = engine.run(inputs)[name]
        kept = first.copy()
        engine.run({key: 1 - array for key, array in inputs.items()})
        np.testing.assert_array_equal(first, kept)

    def test_read_only_strided_and_wider_floats_are_taken(self, engine: Engine) -> None:
        (name, array) = next(iter(self.given(engine).items()))
        wanted = engine.run({name: array})[engine.outputs[0].name]
        strided = np.ascontiguousarray(array.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        big_endian = array.astype(">f4")
        frozen = array.copy()
        frozen.flags.writeable = False
        for form in (strided, big_endian, frozen, array.astype(np.float64)):
            np.testing.assert_array_equal(engine.run({name: form})[engine.outputs[0].name], wanted)

    def test_nan_and_infinity_are_refused_with_count_and_place(self, engine: Engine) -> None:
        (name, array) = next(iter(self.given(engine).items()))
        array[0, 1, 2, 3] = np.nan
        array[0, 2, 0, 0] = -np.inf
        with pytest.raises(InputError, match=r"2 NaN or infinite values of 576, the first at \[0,1,2,3\]"):
            engine.run({name: array})

    def test_a_missing_and_an_unknown_input_are_refused_by_name(self, engine: Engine) -> None:
        name = engine.inputs[0].name
        with pytest.raises(InputError, match=f"missing input '{name}'"):
            engine.run({})
        with pytest.raises(InputError, match="unknown input 'picture'"):
            engine.run({**self.given(engine), "picture": np.zeros((1, 3, 12, 16), np.float32)})

    def test_a_wrong_rank_is_refused(self, engine: Engine) -> None:
        (name, array) = next(iter(self.given(engine).items()))
        with pytest.raises(InputError, match=r"3 dimensions, \[3,12,16\].*Add or drop the batch"):
            engine.run({name: array[0]})

    def test_a_wrong_channel_count_is_refused(self, engine: Engine) -> None:
        (name, array) = next(iter(self.given(engine).items()))
        with pytest.raises(InputError, match=r"is \[1,2,12,16\]; expected \[.,3,"):
            engine.run({name: array[:, :2]})

    @pytest.mark.parametrize("dtype", ["uint8", "int64", "bool", "complex64", "object", "U4"])
    def test_anything_but_floats_is_refused(self, engine: Engine, dtype: str) -> None:
        (name, array) = next(iter(self.given(engine).items()))
        with pytest.raises(InputError, match=r"holds .*expected float32"):
            engine.run({name: array.astype(dtype)})

    def test_what_is_no_array_is_refused(self, engine: Engine) -> None:
        with pytest.raises(InputError, match="is a list; expected a numpy array"):
            engine.run({engine.inputs[0].name: [[1.0]]})

    def test_an_empty_array_is_refused(self, engine: Engine) -> None:
        with pytest.raises(InputError):
            engine.run(self.given(engine, height=0))

    def test_threads_are_honoured_and_checked(self, open_tiny: Any) -> None:
        with open_tiny(threads=1) as engine:
            assert engine.threads == 1
            engine.run(self.given(engine))
        for threads in (0, -1, 1.5, True, 10**9):
            with pytest.raises(InputError, match="threads"):
                open_tiny(threads=threads)

    def test_unknown_options_are_refused_with_those_it_takes(self, open_tiny: Any) -> None:
        with pytest.raises(InputError, match=r"knows no option 'treads'.*threads.*Did you mean 'threads'"):
            open_tiny(treads=1)

    def test_a_context_manager_closes_it_and_closing_twice_is_fine(self, open_tiny: Any) -> None:
        with open_tiny() as engine:
            inputs = self.given(engine)
            engine.warm_up(inputs, 2)
        engine.close()
        with pytest.raises(InputError, match="closed"):
            engine.run(inputs)
