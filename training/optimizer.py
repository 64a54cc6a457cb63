"""Muon for matrices and convolutions, AdamW for the rest, float32 masters and an average of them.

Everything is on the device, so a step can be captured in a CUDA graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypedDict

import torch
from torch import Tensor, nn


class State(TypedDict):
    """All that going on needs; of the parameters by name."""

    masters: dict[str, Tensor]
    averages: dict[str, Tensor]
    momenta: dict[str, Tensor]
    squares: dict[str, Tensor]
    count: Tensor


class Optimizer:
    """Holds the float32 truth of a network's parameters, which may be bfloat16."""

    def __init__(
        self,
        named: Iterable[tuple[str, nn.Parameter]],
        is_matrix: Callable[[str, Tensor], bool],
        matrix_rate: float,
        rate: float,
        average: float,
        decay: float = 0.0,
    ) -> None:
        self.names, self.weights = (list(x) for x in zip(*named, strict=True))
        device = self.weights[0].device
        self.matrix_rate, self.rate, self.average_decay, self.decay = matrix_rate, rate, average, decay
        self.masters = [w.detach().float().clone() for w in self.weights]
        self.slopes = torch.zeros(sum(w.numel() for w in self.weights), device=device)
        parts = self.slopes.split([w.numel() for w in self.weights])
        self.slope_of = [part.view(w.shape) for part, w in zip(parts, self.weights, strict=True)]
        self.averages = [m.clone() for m in self.masters]
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.plain: list[int] = []
        for i, (name, weight) in enumerate(zip(self.names, self.weights, strict=True)):
            if is_matrix(name, weight):
                groups[(weight.shape[0], weight[0].numel())].append(i)
            else:
                self.plain.append(i)
        self.groups = list(groups.values())
        self.momenta = [torch.zeros_like(m) for m in self.masters]
        self.squares = [torch.zeros_like(self.masters[i]) for i in self.plain]
        self.scale = torch.zeros((), device=device)  # of both learning rates, set before each step
        self.count = torch.zeros((), device=device)

    def gather(self) -> None:
        """Copy the gradients of the weights into `slopes`, one float32 vector."""
        torch._foreach_copy_(self.slope_of, [w.grad for w in self.weights])

    def step(self) -> None:
        """One update from `slopes`."""
        self.count += 1
        self._adam()
        for group in self.groups:
            self._muon(group)
        keep = torch.minimum(
            torch.full_like(self.count, self.average_decay), (1 + self.count) / (10 + self.count)
        )
        change = torch._foreach_sub(self.masters, self.averages)
        torch._foreach_mul_(change, 1 - keep)
        torch._foreach_add_(self.averages, change)
        torch._foreach_copy_([w.data for w in self.weights], self.masters)

    def _adam(self) -> None:
        slopes, masters, means = (
            [x[i] for i in self.plain] for x in (self.slope_of, self.masters, self.momenta)
        )
        torch._foreach_lerp_(means, slopes, 0.1)
        torch._foreach_mul_(self.squares, 0.98)
        torch._foreach_addcmul_(self.squares, slopes, slopes, 0.02)
        size = torch._foreach_sqrt(self.squares)
        torch._foreach_mul_(size, torch.rsqrt(1 - 0.98**self.count))
        torch._foreach_add_(size, 1e-8)
        update = torch._foreach_div(means, size)
        torch._foreach_mul_(update, -self.rate * self.scale / (1 - 0.9**self.count))
        torch._foreach_add_(masters, update)

    def _muon(self, group: list[int]) -> None:
        rows = self.weights[group[0]].shape[0]
        slopes = torch.stack([self.slope_of[i].reshape(rows, -1) for i in group])
        means = torch.stack([self.momenta[i].reshape(rows, -1) for i in group])
        means = torch.lerp(means, slopes, 0.05)
        update = _orthogonal(torch.lerp(slopes, means, 0.95))
        update = update * (-0.2 * max(update.shape[1:]) ** 0.5 * self.matrix_rate) * self.scale
        for n, i in enumerate(group):
            self.momenta[i].copy_(means[n].view(self.weights[i].shape))
            if self.decay:
                self.masters[i].mul_(1 - self.decay * self.matrix_rate * self.scale)
            self.masters[i].add_(update[n].view(self.weights[i].shape))

    def use_average(self) -> None:
        """Put the averaged parameters into the network (the masters stay)."""
        torch._foreach_copy_([w.data for w in self.weights], self.averages)

    def restart(self, weights: dict[str, Tensor]) -> None:
        """Begin again from finished weights, without the memory of how they were reached."""
        for name, master, average in zip(self.names, self.masters, self.averages, strict=True):
            master.copy_(weights[name])
            average.copy_(weights[name])
        torch._foreach_copy_([w.data for w in self.weights], self.masters)

    def state(self) -> State:
        """All that going on needs, on the CPU."""
        plain = [self.names[i] for i in self.plain]
        return {
            "masters": _named(self.names, self.masters),
            "averages": _named(self.names, self.averages),
            "momenta": _named(self.names, self.momenta),
            "squares": _named(plain, self.squares),
            "count": self.count.cpu(),
        }

    def load(self, state: State) -> None:
        """Go on from `state`."""
        for saved, xs in (
            (state["masters"], self.masters),
            (state["averages"], self.averages),
            (state["momenta"], self.momenta),
        ):
            for name, x in zip(self.names, xs, strict=True):
                x.copy_(saved[name])
        for i, x in zip(self.plain, self.squares, strict=True):
            x.copy_(state["squares"][self.names[i]])
        self.count.copy_(state["count"])
        torch._foreach_copy_([w.data for w in self.weights], self.masters)


def _named(names: list[str], tensors: list[Tensor]) -> dict[str, Tensor]:
    return {name: x.cpu() for name, x in zip(names, tensors, strict=True)}


def _orthogonal(x: Tensor) -> Tensor:
    """Newton–Schulz toward the nearest orthogonal matrices, [n O I]."""
    x = x.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).float()
