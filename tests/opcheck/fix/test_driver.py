"""The driver: what is left alone, what is taken back, what is reported."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from stylebridge.errors import InputError
from stylebridge.opcheck.fix import fix
from stylebridge.opcheck.fix import fixpoint as rewriting
from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrite, how, rewrites_for, rewritten_operators
from stylebridge.opcheck.numbers import close

from .mending import PICTURE, mended, model, open_picture, operators, picture, ran, random

TARGET = "barracuda-3.0.1"
BIGGER = "s = Constant <value = float[4] {1.0, 1.0, 2.0, 2.0}> ()\n"
CORNERS = BIGGER + 'y = Resize <mode = "linear", coordinate_transformation_mode = "align_corners"> (x, , s)'


def test_a_model_that_is_ok_is_not_touched() -> None:
    made = picture("a = Constant <value = float {2.0}> ()\n y = Mul(x, a)")
    outcome = fix(made, TARGET)
    assert (outcome.ok, outcome.changed, outcome.fixes) == (True, False, [])
    assert outcome.model.SerializeToString() == made.SerializeToString()
    assert "nothing had to be done" in outcome.lines()[1]


def test_only_what_is_complained_about_is_rewritten() -> None:
    outcome = mended(picture("a = Elu(x)\n b = Celu(a)\n y = Elu(b)"))
    assert [fix.op for fix in outcome.fixes] == ["Celu"]
    assert "Elu" in operators(outcome)


def wrong(job: Job) -> str:
    """x plus a little."""
    return str(job.op("Add", job.input(0), job.const(0.01)))


def refused(job: Job) -> str:
    """The same with a Shrink that does nothing, which the target doesn't know."""
    return str(job.op("Shrink", rewrites_for("Celu")[0](job), lambd=0.0, bias=0.0))


def only(monkeypatch: pytest.MonkeyPatch, *rewrites: Rewrite) -> None:
    monkeypatch.setattr(rewriting, "rewrites_for", lambda op: rewrites if op == "Celu" else ())


def test_a_rewrite_that_is_not_equal_is_taken_back_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, wrong)
    made = picture("y = Celu(x)")
    outcome = fix(made, TARGET)
    assert (outcome.after.verdict, outcome.fixes) == ("rejected", [])
    assert "x plus a little: not equal (max |d| " in outcome.left[0].why
    assert outcome.model.graph.node[0].op_type == "Celu"


def test_a_rewrite_that_the_target_does_not_take_makes_room_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    right = rewrites_for("Celu")[0]
    only(monkeypatch, refused, right)
    outcome = mended(picture("y = Celu(x)"))
    assert [fix.how for fix in outcome.fixes] == [how(right)]


def test_a_rewrite_that_only_the_target_dislikes_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, refused)
    outcome = fix(picture("y = Celu(x)"), TARGET)
    assert outcome.fixes == []
    assert "equal" in outcome.left[0].why


def test_an_operator_without_rewrites_is_named() -> None:
    square = {"a": np.array([0]), "b": np.array([6]), "c": np.array([3])}
    made = picture("s = Slice(x, a, b, c)\n y = Det(s)", 11, square)
    outcome = fix(made, TARGET)
    assert [(left.finding.op, left.why) for left in outcome.left] == [("Det", "no rewrite of Det is known")]


def test_open_sizes_are_tried_with_several() -> None:
    outcome = mended(open_picture("y = HardSwish(x)", 14), TARGET, PICTURE, (1, 4, 5, 7))
    assert outcome.tried == "1x4x32x48 and 1x4x64x80"


def test_what_needs_a_size_says_so_and_is_done_once_it_has_one() -> None:
    made = open_picture(CORNERS)
    assert "--size" in fix(made, TARGET).left[0].why
    outcome = fix(made, TARGET, sizes={"x": PICTURE})
    assert outcome.ok
    assert [d.dim_value for d in outcome.model.graph.input[0].type.tensor_type.shape.dim] == list(PICTURE)
    assert [d.dim_value for d in outcome.model.graph.output[0].type.tensor_type.shape.dim] == [1, 4, 12, 16]
    feeds = {"x": random(*PICTURE)}
    assert close(ran(outcome.model, feeds)[0], ran(made, feeds)[0])


@pytest.mark.parametrize("sizes", [{"z": PICTURE}, {"x": (1, 4, 6)}, {"x": (1, 5, 6, 8)}])
def test_a_size_that_contradicts_the_model_is_refused(sizes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(InputError):
        fix(open_picture(CORNERS), TARGET, sizes=sizes)


def test_an_input_without_a_shape_gets_one() -> None:
    made = picture("y = Relu(x)")
    made.graph.input[0].type.tensor_type.ClearField("shape")
    assert "--size x=" in fix(made, TARGET).left[0].why
    outcome = fix(made, TARGET, sizes={"x": PICTURE})
    assert (outcome.before.verdict, outcome.after.verdict) == ("rejected", "ok")
    assert [one.how for one in outcome.fixes] == ["the sizes of its inputs written down"]


def test_local_functions_are_written_out() -> None:
    made = model(
        "g (float[1,4,6,8] x) => (float[1,4,6,8] y) { y = own.twice(x) }\n"
        '<domain: "own", opset_import: ["" : 13]> twice (a) => (b) { b = Add(a, a) }'
    )
    made.opset_import.append(helper.make_opsetid("own", 1))
    assert operators(mended(made)) == {"Add"}


def test_a_decided_if_is_replaced_by_its_branch() -> None:
    body = "y = If (c) <then_branch = t () => (float[1,4,6,8] a) { a = Neg(x) }, "
    body += "else_branch = e () => (float[1,4,6,8] b) { b = Abs(x) }>"
    assert "If" not in operators(mended(picture(body, weights={"c": np.array(True)})))


def test_half_precision_packed_in_whole_numbers_is_read_right() -> None:
    made = model("g (float16[1,4,6,8] x) => (float16[1,4,6,8] y) { y = Mul(x, w) }")
    made.graph.initializer.append(helper.make_tensor("w", TensorProto.FLOAT16, [1], [1.5]))
    assert made.graph.initializer[0].int32_data
    outcome = fix(made, TARGET)
    assert outcome.ok
    assert outcome.model.graph.initializer[0].HasField("raw_data")


def test_brain_floats_become_single_precision() -> None:
    made = model("g (float[1,4,6,8] x) => (float[1,4,6,8] y) { v = Cast <to = 1> (w)\n y = Mul(x, v) }")
    made.graph.initializer.append(helper.make_tensor("w", TensorProto.BFLOAT16, [1], [1.5]))
    outcome = mended(made)
    assert float(numpy_helper.to_array(outcome.model.graph.initializer[0])[0]) == 1.5


def test_a_model_that_nothing_here_can_run_is_reported() -> None:
    made = model("g (float[1,4,6,8] x) => (float[1,4,6,8] y) { y = own.Fancy(x) }")
    made.opset_import.append(helper.make_opsetid("own", 1))
    (left,) = fix(made, TARGET).left
    assert "nothing here can run the model" in left.why


def test_a_model_that_is_too_large_to_run_is_reported() -> None:
    body = "a = Celu(x)\n y = Expand(a, s)"
    made = open_picture(body, 13, {"s": np.array([1 << 22, 4, 6, 8], np.int64)})
    for place, size in ((2, 6), (3, 8)):
        made.graph.input[0].type.tensor_type.shape.dim[place].dim_value = size
    assert {left.why for left in fix(made, TARGET, sizes={"x": PICTURE}).left} >= {
        "the model has tensors too large to be run here, so no rewrite can be proven"
    }


def test_invalid_models_are_refused() -> None:
    made = picture("y = Celu(x)")
    made.graph.input[0].type.tensor_type.elem_type = 99
    assert fix(made, TARGET).left
    spoiled = picture("y = Celu(x)").SerializeToString().replace(b"Celu", b"\xd5elu")
    with pytest.raises(InputError):
        fix(spoiled, TARGET)


def test_names_metadata_and_input_are_kept() -> None:
    made = picture("y = Celu(x)")
    made.metadata_props.add(key="who", value="me")
    outcome = mended(made)
    assert [(p.key, p.value) for p in outcome.model.metadata_props] == [("who", "me")]


def test_the_report_as_data_says_what_was_done_and_what_is_left() -> None:
    made = open_picture(CORNERS.replace("y =", "z =") + "\n y = Celu(z)")
    told = fix(made, TARGET).to_dict()
    assert (told["before"], told["after"]) == ("rejected", "altered")
    assert [entry["op"] for entry in told["fixed"] if entry["op"]] == ["Celu"]  # type: ignore[attr-defined]
    assert [entry["op"] for entry in told["left"]] == ["Resize"]  # type: ignore[attr-defined]


def test_every_rewrite_says_how_it_works() -> None:
    for op in rewritten_operators():
        assert onnx.defs.has(op) or op in ("Swish", "QuickGelu", "FastGelu") or op[0].isupper()
        assert all(rewrite.__doc__ for rewrite in rewrites_for(op))
