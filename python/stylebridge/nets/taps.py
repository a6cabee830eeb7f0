"""What a network's modules compute: forward hooks on the leaves, in the order in which they run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stylebridge.nets.checkpoint import load_network

Numbers = NDArray[np.float32]


class ModuleTaps:
    """A checkpoint whose leaf modules can be listened to; a module that runs twice is heard the first time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._module = load_network(path).module.eval()
        self.kinds = {name: type(leaf).__name__ for name, leaf in self._leaves()}

    def order(self, picture: Numbers) -> list[tuple[str, tuple[int, ...]]]:
        """The modules in the order in which they run on this input, with the shapes that they make."""
        heard: dict[str, tuple[int, ...]] = {}
        with self._listening(self.kinds, lambda name, made: heard.setdefault(name, tuple(made.shape))):
            self._run(picture)
        return list(heard.items())

    def fetch(self, picture: Numbers, names: Collection[str]) -> dict[str, Numbers]:
        """What these modules make of this input."""
        heard: dict[str, Numbers] = {}

        def keep(name: str, made: Tensor) -> None:
            # A copy: the next module may work in place.
            heard.setdefault(name, made.detach().to(torch.float32).clone().numpy())

        with self._listening(names, keep):
            self._run(picture)
        return heard

    def given_to(self, picture: Numbers, name: str) -> Numbers | None:
        """What this module is handed the first time that it runs on this input."""
        heard: list[Numbers] = []

        def hook(part: nn.Module, given: Any) -> None:
            if not heard and given and isinstance(given[0], Tensor):
                heard.append(given[0].detach().to(torch.float32).clone().numpy())

        handle = self._module.get_submodule(name).register_forward_pre_hook(hook)
        try:
            self._run(picture)
        finally:
            handle.remove()
        return heard[0] if heard else None

    def output(self, picture: Numbers) -> Numbers:
        """What the whole network makes of this input."""
        made = self._run(picture)
        first: Tensor = made[0] if isinstance(made, tuple) else made
        return np.asarray(first.to(torch.float32).numpy())

    def weights(self) -> dict[str, Numbers]:
        """All stored floating-point numbers by name."""
        state = self._module.state_dict()
        return {name: value.float().numpy() for name, value in state.items() if value.is_floating_point()}

    def _run(self, picture: Numbers) -> Any:
        with torch.inference_mode():
            return self._module(torch.tensor(picture))

    def _leaves(self) -> Iterator[tuple[str, nn.Module]]:
        return ((name, part) for name, part in self._module.named_modules() if name and not any(part.children()))

    @contextmanager
    def _listening(self, names: Collection[str], hear: Any) -> Iterator[None]:
        def hook_for(name: str) -> Any:
            def hook(part: nn.Module, given: Any, made: Any) -> None:
                if isinstance(made, Tensor):
                    hear(name, made)

            return hook

        hooks = [part.register_forward_hook(hook_for(name)) for name, part in self._leaves() if name in names]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
