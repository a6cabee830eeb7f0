"""Products of matrices: Gemm with its factors, MatMul of odd ranks, and Einsum."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from stylebridge.opcheck.fix.job import OPEN, Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.rewrites.conv import activated
from stylebridge.opcheck.fix.spelling import Cannot

Sizes = tuple[int | None, ...]
Term = tuple[str, str, Sizes]  # tensor, its letters, its shape


def gemm_plain(job: Job) -> str:
    """Gemm with its factors inside the weights, and a vector as bias."""
    weights = job.constant(1) * job.attr("alpha", 1.0)
    weights = weights.T if job.attr("transB", 0) else weights
    bias = np.zeros(weights.shape[1]) if not job.input(2) else job.constant(2) * job.attr("beta", 1.0)
    if bias.size not in (1, weights.shape[1]) or (bias.ndim > 1 and bias.shape[-1] != bias.size):
        raise Cannot("its bias is a matrix")
    bias = np.broadcast_to(bias.reshape(-1), weights.shape[1:])
    x = job.input(0) if not job.attr("transA", 0) else job.op("Transpose", job.input(0), perm=[1, 0])
    return str(job.op("Gemm", x, job.const(weights), job.const(bias)))


def gemm_product(job: Job) -> str:
    """MatMul and Add."""
    x, w = (_turned(job, index, name) for index, name in ((0, "transA"), (1, "transB")))
    made = str(job.op("MatMul", x, w))
    alpha, beta = job.attr("alpha", 1.0), job.attr("beta", 1.0)
    if alpha != 1.0:
        made = str(job.op("Mul", made, job.const(alpha)))
    if not job.input(2) or beta == 0:
        return made
    known = job.maybe_constant(2)
    if known is not None:
        return str(job.op("Add", made, job.const(known.reshape((1,) * (2 - known.ndim) + known.shape) * beta)))
    bias = job.input(2) if job.rank(2) == 2 else str(job.op("Reshape", job.input(2), shape=[1, -1]))
    return str(job.op("Add", made, bias if beta == 1.0 else job.op("Mul", bias, job.const(beta))))


def _turned(job: Job, index: int, attribute: str) -> str:
    if not job.attr(attribute, 0):
        return job.input(index)
    known = job.maybe_constant(index)
    if known is not None:
        return job.const(known.T)
    return str(job.op("Transpose", job.input(index), perm=[1, 0]))


def matmul_vector(job: Job) -> str:
    """A vector made a matrix of one row or column."""
    ranks = job.rank(0), job.rank(1)
    if 1 not in ranks:
        raise Cannot("both operands are matrices")
    left = job.op("Reshape", job.input(0), shape=[1, job.size(0, 0)]) if ranks[0] == 1 else job.input(0)
    right = job.op("Reshape", job.input(1), shape=[job.size(1, 0), 1]) if ranks[1] == 1 else job.input(1)
    made = job.op("MatMul", left, right)
    shape = [*job.shape(0)[:-1], *(() if ranks[1] == 1 else (*job.shape(1)[:-2], job.shape(1)[-1]))]
    if ranks[0] == 1:
        shape = [*job.shape(1)[:-2], job.shape(1)[-1]] if ranks[1] > 1 else []
    if sum(size is None for size in shape) > 1:
        raise Cannot(OPEN)
    return str(job.op("Reshape", made, shape=[-1 if size is None else size for size in shape]))


def matmul_same_rank(job: Job) -> str:
    """Operands given the same rank first."""
    ranks = job.rank(0), job.rank(1)
    if ranks[0] == ranks[1] or 1 in ranks:
        raise Cannot("its operands have the same rank")
    inputs = []
    for index in (0, 1):
        missing, known = max(ranks) - ranks[index], job.maybe_constant(index)
        if not missing:
            inputs.append(job.input(index))
        elif known is not None:
            inputs.append(job.const(known.reshape((1,) * missing + known.shape)))
        else:
            inputs.append(str(job.op("Unsqueeze", job.input(index), axes=list(range(missing)))))
    return str(job.op("MatMul", *inputs))


def matmul_repeated(job: Job) -> str:
    """Operands repeated to the same batches first."""
    shapes = job.full_shape(0), job.full_shape(1)
    if min(map(len, shapes)) < 2 or shapes[0][:-2] == shapes[1][:-2]:
        raise Cannot("its batches are the same")
    batches = np.broadcast_shapes(shapes[0][:-2], shapes[1][:-2])
    inputs = []
    for index, shape in enumerate(shapes):
        level = (1,) * (len(batches) + 2 - len(shape)) + shape
        x = job.input(index) if level == shape else str(job.op("Reshape", job.input(index), shape=list(level)))
        repeats = [wide // narrow for wide, narrow in zip(batches, level[:-2], strict=True)]
        inputs.append(str(job.op("Tile", x, repeats=[*repeats, 1, 1])) if max(repeats) > 1 else x)
    return str(job.op("MatMul", *inputs))


def matmul_rows(job: Job) -> str:
    """Everything but the last axis as one column of rows."""
    weights = job.constant(1)
    shape = job.shape(0)
    if weights.ndim != 2 or len(shape) < 3 or sum(size is None for size in shape) > 1:
        raise Cannot("it isn't a product with one constant matrix")
    flat = job.op("Reshape", job.input(0), shape=[-1, weights.shape[0]])
    sizes = [-1 if size is None else size for size in shape[:-1]]
    return str(job.op("Reshape", job.op("MatMul", flat, job.const(weights)), shape=[*sizes, weights.shape[1]]))


def fused_matmul(job: Job) -> str:
    """Transpose, MatMul and the factor apart."""
    names = []
    for index, attribute in ((0, "transA"), (1, "transB")):
        rank = job.rank(index)
        order = [*range(rank - 2), rank - 1, rank - 2]
        names.append(
            str(job.op("Transpose", job.input(index), perm=order)) if job.attr(attribute, 0) else job.input(index)
        )
    made = str(job.op("MatMul", *names))
    alpha = job.attr("alpha", 1.0)
    return made if alpha == 1.0 else str(job.op("Mul", made, job.const(alpha)))


def fused_gemm(job: Job) -> str:
    """Gemm and the activation apart."""
    kept = {name: job.attr(name) for name in ("alpha", "beta", "transA", "transB")}
    return activated(job, str(job.op("Gemm", *job.node.inputs, **kept)))


def quantised_matmul(job: Job) -> str:
    """MatMul with the weights that it unpacks."""
    size = int(job.attr("K"))
    unit = np.eye(size, dtype=np.float32)
    given = {name: job.constant(i) for i, name in enumerate(job.node.inputs) if i and name}
    given[job.input(0)] = unit
    weights = job.compute([job.node.proto], given, job.node.outputs[0])
    return str(job.op("MatMul", job.input(0), job.const(weights)))


def einsum(job: Job) -> str:
    """Transposes, reshapes and products of matrices."""
    equation = str(job.attr("equation")).replace(" ", "")
    left, arrow, right = equation.partition("->")
    letters = left.split(",")
    if "." in equation or any(len(set(term)) != len(term) for term in letters):
        raise Cannot("its equation has dots, or a letter twice in one term")
    if not arrow:
        right = "".join(sorted(c for c in set("".join(letters)) if "".join(letters).count(c) == 1))
    terms: list[Term] = [(job.input(i), term, job.shape(i)) for i, term in enumerate(letters)]
    while len(terms) > 1:
        others = "".join(term for _, term, _ in terms[2:]) + right
        terms = [_product(job, terms[0], terms[1], others), *terms[2:]]
    return _ordered(job, _summed(job, terms[0], right), right)[0]


def _summed(job: Job, term: Term, kept: str) -> Term:
    """Sum over the letters that nobody needs any more."""
    name, letters, shape = term
    axes = [axis for axis, letter in enumerate(letters) if letter not in kept]
    if not axes:
        return term
    total = str(job.op("ReduceSum", name, axes=axes, keepdims=1))
    left = "".join(letter for letter in letters if letter in kept)
    sizes = tuple(size for size, letter in zip(shape, letters, strict=True) if letter in kept)
    return _reshaped(job, total, sizes), left, sizes


def _reshaped(job: Job, name: str, sizes: Sizes) -> str:
    """A Reshape in which one size may be open."""
    if sum(size is None for size in sizes) > 1:
        raise Cannot(OPEN)
    return str(job.op("Reshape", name, shape=[-1 if size is None else size for size in sizes]))


def _count(sizes: Iterable[int | None]) -> int | None:
    """The product, open where one of them is."""
    known = list(sizes)
    return None if None in known else math.prod(size or 0 for size in known)


def _ordered(job: Job, term: Term, wanted: str) -> Term:
    name, letters, shape = term
    if letters == wanted:
        return term
    order = [letters.index(letter) for letter in wanted]
    return str(job.op("Transpose", name, perm=order)), wanted, tuple(shape[axis] for axis in order)


def _product(job: Job, one: Term, two: Term, kept: str) -> Term:
    """One MatMul: letters of both that stay are its batch, letters of both that go are summed."""
    one, two = _summed(job, one, kept + two[1]), _summed(job, two, kept + one[1])
    both = [letter for letter in one[1] if letter in two[1]]
    batch = "".join(letter for letter in both if letter in kept)
    inner = "".join(letter for letter in both if letter not in kept)
    rows = "".join(letter for letter in one[1] if letter not in both)
    columns = "".join(letter for letter in two[1] if letter not in both)
    sizes = dict(zip(one[1], one[2], strict=True)) | dict(zip(two[1], two[2], strict=True))
    count = {part: _count(sizes[letter] for letter in part) for part in (batch, inner, rows, columns)}
    a, _, _ = _ordered(job, one, batch + rows + inner)
    b, _, _ = _ordered(job, two, batch + inner + columns)
    a = _reshaped(job, a, (count[batch], count[rows], count[inner]))
    b = _reshaped(job, b, (count[batch], count[inner], count[columns]))
    letters = batch + rows + columns
    shape = tuple(sizes[letter] for letter in letters)
    return _reshaped(job, str(job.op("MatMul", a, b)), shape), letters, shape


REWRITES: Rewrites = {
    "Gemm": (gemm_plain, gemm_product),
    "MatMul": (matmul_vector, matmul_same_rank, matmul_repeated, matmul_rows),
    "FusedMatMul": (fused_matmul,),
    "FusedGemm": (fused_gemm,),
    "MatMulNBits": (quantised_matmul,),
    "Einsum": (einsum,),
}
