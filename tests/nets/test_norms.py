"""FRN and TLU against their formulas, written out by hand."""

from __future__ import annotations

import pytest
import torch
from stylebridge.nets.norms import FRN, TLU, activation_layer, norm_layer


def test_frn_divides_each_channel_by_its_energy() -> None:
    torch.manual_seed(1)
    frn = FRN(3)
    with torch.no_grad():
        frn.weight.copy_(torch.tensor([1.0, 2.0, -0.5]).view(1, 3, 1, 1))
        frn.bias.copy_(torch.tensor([0.0, 0.1, 3.0]).view(1, 3, 1, 1))
    x = torch.randn(2, 3, 5, 7) * 4 + 1
    wanted = torch.empty_like(x)
    for n in range(2):
        for c in range(3):
            nu2 = sum(float(v) ** 2 for v in x[n, c].flatten()) / 35
            wanted[n, c] = frn.weight[0, c].item() * x[n, c] / (nu2 + 1e-6) ** 0.5 + frn.bias[0, c].item()
    torch.testing.assert_close(frn(x), wanted, atol=1e-5, rtol=1e-5)


def test_frn_keeps_an_all_zero_channel_finite() -> None:
    assert torch.equal(FRN(2)(torch.zeros(1, 2, 3, 3)), torch.zeros(1, 2, 3, 3))


def test_frn_and_tlu_have_the_published_tensor_names() -> None:
    assert {k: tuple(v.shape) for k, v in FRN(4).state_dict().items()} == {
        "weight": (1, 4, 1, 1),
        "bias": (1, 4, 1, 1),
        "eps": (1,),
    }
    assert {k: tuple(v.shape) for k, v in TLU(4).state_dict().items()} == {"tau": (1, 4, 1, 1)}


def test_tlu_clips_each_channel_at_its_own_threshold() -> None:
    tlu = TLU(2)
    with torch.no_grad():
        tlu.tau.copy_(torch.tensor([-1.0, 2.0]).view(1, 2, 1, 1))
    x = torch.tensor([-3.0, -0.5, 1.0, 5.0]).view(1, 1, 2, 2).expand(1, 2, 2, 2)
    assert tlu(x)[0, 0].flatten().tolist() == [-1.0, -0.5, 1.0, 5.0]
    assert tlu(x)[0, 1].flatten().tolist() == [2.0, 2.0, 2.0, 5.0]


@pytest.mark.parametrize(
    ("kind", "norm", "activation"), [("instance", "InstanceNorm2d", "ReLU"), ("frn", "FRN", "TLU")]
)
def test_a_norm_comes_with_its_activation(kind: str, norm: str, activation: str) -> None:
    assert type(norm_layer(kind, 4)).__name__ == norm  # type: ignore[arg-type]
    assert type(activation_layer(kind, 4)).__name__ == activation  # type: ignore[arg-type]
