"""The terms of an Einsum equation, one letter an axis, with `...` replaced by letters of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters


@dataclass(frozen=True)
class Terms:
    """Labels of each operand and of the output."""

    operands: tuple[str, ...]
    output: str


def parse_terms(equation: str, ranks: Sequence[int]) -> Terms | None:
    """The terms of an equation for operands of these ranks; None where they don't belong together."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    operands = left.split(",")
    if len(operands) != len(ranks):
        return None
    used = set(equation)
    spare = [letter for letter in ascii_letters if letter not in used]
    hidden = max((rank - len(term) + 3 for term, rank in zip(operands, ranks, strict=True) if "..." in term), default=0)
    if hidden < 0 or hidden > len(spare):
        return None
    batch = "".join(spare[:hidden])
    made = []
    for term, rank in zip(operands, ranks, strict=True):
        count = rank - len(term) + 3
        made.append(term.replace("...", batch[len(batch) - count :] if count > 0 else ""))
        if len(made[-1]) != rank:
            return None
    return Terms(tuple(made), right.replace("...", batch) if arrow else _implied(made, batch))


def _implied(operands: Sequence[str], batch: str) -> str:
    """Without an arrow: the batch, then whatever stands once, sorted."""
    whole = "".join(operands)
    return batch + "".join(sorted(letter for letter in set(whole) - set(batch) if whole.count(letter) == 1))


@dataclass(frozen=True)
class Product:
    """An Einsum of two operands seen as a matrix product: which labels are repeated, summed and kept of either side."""

    batch: str
    left: str
    summed: str
    right: str

    @property
    def groups(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The groups of labels of the left operand, the right one and the product."""
        head = (self.batch,) if self.batch else ()
        return (*head, self.left, self.summed), (*head, self.summed, self.right), (*head, self.left, self.right)


def as_product(terms: Terms) -> Product | None:
    """The matrix product that computes these terms; None where none does."""
    if len(terms.operands) != 2 or any(len(set(t)) < len(t) for t in (*terms.operands, terms.output)):
        return None
    one, other = terms.operands
    if any((label in one) + (label in other) + (label in terms.output) < 2 for label in set(one + other)):
        return None
    return Product(
        "".join(label for label in terms.output if label in one and label in other),
        "".join(label for label in terms.output if label not in other),
        "".join(label for label in one if label in other and label not in terms.output),
        "".join(label for label in terms.output if label not in one),
    )
