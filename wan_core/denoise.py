"""From noise to a clean latent: the sampler asks the DiT, step by step.

B batch · C latent channels · F, H, W latent frames, rows, columns · L tokens
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

import torch
from torch import Tensor

from wan_core import attention
from wan_core.device import Machine
from wan_core.dit.model import WanDiT
from wan_core.events import Progress
from wan_core.sampling.guidance import guide
from wan_core.sampling.schedule import Schedule
from wan_core.sampling.solvers import advance, start
from wan_core.shapes import LatentGrid
from wan_core.variants import Solver


@torch.inference_mode()
def denoise(
    dit: WanDiT,
    plan: Schedule,
    solver: Solver,
    noise: Tensor,
    contexts: list[Tensor],
    guidance: float,
    first_frame: Tensor | None = None,
    machine: Machine | None = None,
) -> Generator[Progress, None, Tensor]:
    """Walk `noise` [C, F, H, W] to a clean latent; yields after every block, returns float32 [C, F, H, W].

    `contexts` are the embeddings [n, text_dim] of the prompt and, unless `guidance` is 1, of the
    negative prompt. `first_frame` [C, 1, H, W] is put back before the first step and after every one,
    and its tokens have timestep 0 (TI2V-5B).
    """
    grid = LatentGrid(*noise.shape)
    text = dit.embed_text(contexts)
    attention.announce(text.dtype, len(contexts), grid.tokens, grid.tokens)
    together = machine is None or grid.tokens * len(contexts) <= machine.batch_tokens
    passes = [text] if together else list(text.split(1))
    index = None if first_frame is None else _clean_tokens(grid).to(noise.device)
    state = start(_with_first(noise, first_frame))
    for step, t in enumerate(plan.timesteps):
        velocities = []
        for number, context in enumerate(passes):
            x = state.latent.expand(len(context), *grid)
            times = [t] * len(context) if index is None else [t, 0.0]
            tokens = None if index is None else index.expand(len(context), -1)
            walk = dit.walk(x, torch.tensor(times, dtype=torch.float64, device=x.device), context, tokens)
            note = _Note(step, plan.steps, number, len(passes), len(dit.blocks))
            velocities.append((yield from _watch(walk, note, machine)))
        velocity = torch.cat(velocities)
        if len(contexts) == 2:
            velocity = guide(velocity[:1], velocity[1:], guidance)
        state = advance(plan, solver, state, velocity[0])
        state = state._replace(latent=_with_first(state.latent, first_frame))
        yield Progress("denoise", step + 1, plan.steps)
    return state.latent


def draw_noise(grid: LatentGrid, seed: int) -> Tensor:
    """Gaussian noise, float32 [C, F, H, W], drawn on the CPU so that every machine draws the same."""
    return torch.randn(tuple(grid), generator=torch.Generator("cpu").manual_seed(seed), dtype=torch.float32)


class _Note(NamedTuple):
    """Which pass of which step the DiT is in."""

    step: int
    steps: int
    number: int
    passes: int
    blocks: int

    def after(self, blocks: int) -> Progress:
        fraction = (self.number + blocks / self.blocks) / self.passes
        return Progress("denoise", self.step, self.steps, fraction)


def _watch(
    walk: Generator[int, None, Tensor], note: _Note, machine: Machine | None
) -> Generator[Progress, None, Tensor]:
    """The DiT's walk, its blocks told as progress; returns what the walk returns."""
    while True:
        try:
            blocks = next(walk)
        except StopIteration as end:
            velocity: Tensor = end.value
            return velocity
        if machine is not None:
            machine.pace()
        yield note.after(blocks)


def _with_first(latent: Tensor, first_frame: Tensor | None) -> Tensor:
    if first_frame is None:
        return latent
    return torch.cat((first_frame.to(latent), latent[:, 1:]), dim=1)


def _clean_tokens(grid: LatentGrid) -> Tensor:
    """[1, L]: 1 for the tokens of a given first frame, which have timestep 0, and 0 for the others."""
    index = torch.zeros(1, grid.tokens, dtype=torch.long)
    index[:, : grid.tokens_per_frame] = 1
    return index
