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
from wan_core.preview import Preview
from wan_core.sampling.guidance import guide
from wan_core.sampling.schedule import Schedule
from wan_core.sampling.solvers import SamplerState, advance
from wan_core.shapes import LatentGrid
from wan_core.variants import Solver


class Denoising:
    """One walk from noise to a clean latent, which can be left and gone on with: `state` says where it is.

    `state` holds latents float32 [C, F, H, W]: `start(noise)`, or what another walk had come to.
    `contexts` are the embeddings [n, text_dim] of the prompt and, unless `guidance` is 1, of the
    negative prompt. `first_frame` [C, 1, H, W] is put back before the first step and after every one,
    and its tokens have timestep 0 (TI2V-5B). `preview` is shown the clean latent that a step sees.
    """

    def __init__(
        self,
        dit: WanDiT,
        plan: Schedule,
        solver: Solver,
        state: SamplerState,
        contexts: list[Tensor],
        guidance: float,
        first_frame: Tensor | None = None,
        machine: Machine | None = None,
        preview: Preview | None = None,
    ) -> None:
        self.state = state._replace(latent=_with_first(state.latent, first_frame))
        self._dit, self._plan, self._solver, self._guidance = dit, plan, solver, guidance
        self._contexts, self._first, self._machine, self._preview = contexts, first_frame, machine, preview

    @torch.inference_mode()
    def steps(self) -> Generator[Progress, None, Tensor]:
        """Walk on from `state`; yields after every block, returns the clean latent, float32 [C, F, H, W]."""
        grid, machine, count = LatentGrid(*self.state.latent.shape), self._machine, len(self._contexts)
        text = self._dit.embed_text(self._contexts)
        attention.announce(text.dtype, count, grid.tokens, grid.tokens)
        together = machine is None or machine.takes_together(grid.tokens * count)
        passes = [text] if together else list(text.split(1))
        index = None if self._first is None else _clean_tokens(grid).to(text.device)
        for t in self._plan.timesteps[self.state.step :]:
            velocities = []
            for number, context in enumerate(passes):
                x = self.state.latent.expand(len(context), *grid)
                times = [t] * len(context) if index is None else [t, 0.0]
                tokens = None if index is None else index.expand(len(context), -1)
                timesteps = torch.tensor(times, dtype=torch.float64, device=x.device)
                walk = self._dit.walk(x, timesteps, context, tokens)
                note = _Note(self.state.step, self._plan.steps, number, len(passes), len(self._dit.blocks))
                velocities.append((yield from _watch(walk, note, machine)))
            velocity = torch.cat(velocities)
            if count == 2:
                velocity = guide(velocity[:1], velocity[1:], self._guidance)
            before, state = self.state, advance(self._plan, self._solver, self.state, velocity[0])
            self.state = state._replace(latent=_with_first(state.latent, self._first))
            picture = self._picture(before, velocity[0])
            yield Progress("denoise", self.state.step, self._plan.steps, preview=picture)
        return self.state.latent

    def _picture(self, state: SamplerState, velocity: Tensor) -> bytes | None:
        """The clean latent that is seen from `state` as a picture, if it is time for one."""
        if self._preview is None or not self._preview.due:
            return None
        clean = state.latent - self._plan.sigmas[state.step] * velocity
        return self._preview.picture(_with_first(clean, self._first))


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
