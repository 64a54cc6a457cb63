"""From a request to an mp4: text, image, denoise, decode, write. Progress is yielded; to cancel is to close.

B batch · C latent channels · F, H, W latent frames, rows, columns · T video frames · L tokens
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
import torch
from torch import Tensor, nn

from wan_core import memory
from wan_core.checkpoint import Checkpoint
from wan_core.denoise import Denoising, draw_noise
from wan_core.device import Machine
from wan_core.dit.model import WanDiT
from wan_core.errors import NotEnoughMemory
from wan_core.events import Event, Finished, Phase, Progress
from wan_core.image import fit_cover
from wan_core.kept import Kept
from wan_core.picture import read_picture
from wan_core.plan import MemoryPlan, Weights, passes, plan_for, too_small
from wan_core.preview import Preview, fit
from wan_core.request import ResolvedRequest
from wan_core.sampling.schedule import schedule
from wan_core.sampling.solvers import SamplerState, moved, start
from wan_core.stream import Blocks
from wan_core.text.umt5 import TextEncoder
from wan_core.vae.vae22 import WanVAE22
from wan_core.vae_memory import CUTS, WHOLE, DecodeCut
from wan_core.variants import single
from wan_core.video import VideoWriter

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass
class Pipeline:
    """A loaded model. One request at a time; `generate` gives back what it took, however it ends."""

    checkpoint: Checkpoint
    machine: Machine
    text: TextEncoder
    dit: WanDiT
    blocks: Blocks
    vae: WanVAE22
    fingerprint: dict[str, str]
    ram: int | None = None  # bytes that blocks may be pinned in; None: as many as they like
    beside: int = 0  # bytes of what else stays on the device: the text encoder, where there is room

    def warm(self) -> Generator[int, None, None]:
        """Bring the blocks to where the model's own defaults want them; yields how many are in place."""
        usual = self.checkpoint.variant.defaults
        try:
            plan = self._plan(usual.width, usual.height, usual.frames, 2)
        except NotEnoughMemory:  # a smaller request may still fit
            yield from self._placed(0, self.ram is None)
        else:
            yield from self._placed(plan.resident, plan.pinned)

    def generate(
        self, request: ResolvedRequest, *, out: Path, work: Path, image: Path | None = None
    ) -> Generator[Event, None, None]:
        """Make the video of `request` at `out` (.mp4); yields Progress, at last Finished.

        `image` is the picture of an image-to-video request. `work`/latent.safetensors is written as steps
        are done, and before decoding begins; if an earlier try left it there, this one goes on from it.
        Closing the iterator cancels: nothing is left under `out`'s name. Raises WanError for what a person
        can act on.
        """
        try:
            plan = self.plan(request)
            log.info("%s", plan)
            memory.hold(self.machine.device, plan.ours)
            kept = Kept(work / "latent.safetensors", self.receipt(request))
            state = kept.find()
            if state is not None:
                log.info(
                    "Going on after step %d of %d, which an earlier try had made", state.step, request.steps
                )
            if state is not None and state.step == request.steps:
                latent = state.latent.to(self.machine.device)
            else:
                yield from self._settle(plan.resident, Progress("load", 0, 1), plan.pinned)
                preview = Preview(lambda: self.colours, request.fps, self.checkpoint.variant.stride.frames)
                latent = yield from self.latent(request, image, state, kept, preview)
                kept.finished(SamplerState(request.steps, latent))
            self.blocks.rest()
            yield from self._settle(min(self.blocks.resident, plan.beside_decoder), Progress("decode", 0, 1))
            self.machine.release()
            yield from self._decode_somehow(latent, request, out, plan)
        finally:
            memory.let_go(self.machine.device)
            self.machine.release()
        yield Finished(
            path=str(out),
            frames=request.frames,
            width=request.width,
            height=request.height,
            numerics=self.machine.numerics,
            earlier=0 if state is None else state.step,
        )

    def close(self) -> None:
        """Give back the memory, the files and the threads; `warm` brings them again."""
        self.blocks.free()
        self.machine.release()

    def plan(self, request: ResolvedRequest) -> MemoryPlan:
        """Where weights will be and how the decoder will be cut. Raises NotEnoughMemory."""
        return self._plan(request.width, request.height, request.frames, passes(request.guidance))

    def _plan(self, width: int, height: int, frames: int, count: int) -> MemoryPlan:
        grid = self.checkpoint.variant.grid(width, height, frames)
        together = count if self.machine.takes_together(grid.tokens * count) else 1
        weights, decoder, room = self._weights(), self.vae.config.decoder, memory.room(self.machine.device)
        return plan_for(weights, decoder, grid, width, height, together, room, self.ram)

    @torch.inference_mode()
    def latent(
        self,
        request: ResolvedRequest,
        image: Path | None,
        state: SamplerState | None = None,
        kept: Kept | None = None,
        preview: Preview | None = None,
    ) -> Generator[Progress, None, Tensor]:
        """The clean latent of `request`, float32 [C, F, H, W], by way of `state` if that is known.

        `kept` is told of each step; `preview` makes pictures of some.
        """
        grid = self.checkpoint.variant.grid(request.width, request.height, request.frames)
        scale = single(request.guidance)
        prompts = [request.prompt] if scale == 1 else [request.prompt, request.negative_prompt]
        layers = self.text.layers
        yield Progress("text", 0, layers)
        with closing(self.text.encode_all(prompts)) as encoding:
            contexts = yield from _told(encoding, "text", layers)
        yield Progress("text", layers, layers)

        first_frame = None
        if image is not None:
            yield Progress("image", 0, 1)
            picture = fit_cover(read_picture(image), request.width, request.height)
            first_frame = self.vae.encode(picture)
            yield Progress("image", 1, 1)

        state = moved(state or start(draw_noise(grid, request.seed)), self.machine.device)
        plan, solver = schedule(request.solver, request.steps, request.shift), request.solver
        run = Denoising(self.dit, plan, solver, state, contexts, scale, first_frame, self.machine, preview)
        while True:
            try:
                return (yield from self._watched(run, kept))
            except RuntimeError as problem:
                if not memory.ran_out(problem):
                    raise
            yield from self._shrink(Progress("denoise", run.state.step, request.steps))

    @cached_property
    def colours(self) -> Tensor:
        """What RGB the VAE makes of a latent cell, roughly: see `preview.fit`."""
        return fit(self.vae.decode_stills, self.checkpoint.variant.latent_channels)

    @torch.inference_mode()
    def decode(
        self, latent: Tensor, request: ResolvedRequest, out: Path, cut: DecodeCut = WHOLE
    ) -> Generator[Progress, None, None]:
        """Decode `latent` [C, F, H, W] into the mp4 `out`, a few frames at a time."""
        yield Progress("decode", 0, latent.shape[1])
        with VideoWriter(out, request.width, request.height, request.fps, self.receipt(request)) as video:
            with closing(self.vae.decode_chunks(latent, cut)) as chunks:
                for done, chunk in enumerate(chunks, start=1):
                    video.write(to_pixels(chunk))
                    yield Progress("decode", done, latent.shape[1])
            yield Progress("write", 0, 1)
            video.finish()
        yield Progress("write", 1, 1)

    def _decode_somehow(
        self, latent: Tensor, request: ResolvedRequest, out: Path, plan: MemoryPlan
    ) -> Generator[Progress, None, None]:
        """Decode as planned; where memory runs out, again in smaller strips and beside no block."""
        for cut in CUTS[CUTS.index(plan.cut) :]:
            try:
                return (yield from self.decode(latent, request, out, cut))
            except RuntimeError as problem:
                if not memory.ran_out(problem):
                    raise
            log.warning("[Memory] The GPU ran out of memory while decoding; again in smaller pieces")
            self.machine.release()
            yield from self._settle(0, Progress("decode", 0, latent.shape[1]))
        raise too_small(plan.decode, memory.room(self.machine.device) or 0)

    def _settle(
        self, resident: int, note: Progress, pinned: bool | None = None
    ) -> Generator[Progress, None, None]:
        if resident != self.blocks.resident:
            for _ in self._placed(resident, pinned):
                yield note

    def _placed(self, resident: int, pinned: bool | None) -> Generator[int, None, None]:
        """Bring the blocks to where they are to be; fewer stay where memory runs out meanwhile."""
        while True:
            try:
                return (yield from self.blocks.settle(resident, pinned))
            except RuntimeError as problem:
                if resident == 0 or not memory.ran_out(problem):
                    raise
            resident = self._fewer(resident)
            log.warning("[Memory] The GPU has no room for more blocks; %d of them stay", resident)
            self.machine.release()

    @staticmethod
    def _fewer(resident: int) -> int:
        """How many blocks are left when a quarter of them goes."""
        return resident - max(1, resident // 4)

    def _weights(self) -> Weights:
        config, blocks, precision = self.dit.config, self.blocks, self.machine.precision
        return Weights(
            dim=config.dim,
            ffn_dim=config.ffn_dim,
            text_len=config.text_len,
            out_dim=config.out_dim,
            blocks=len(blocks),
            block=blocks.nbytes,
            rest=_bytes(self.dit, without=WanDiT.BLOCKS) + _bytes(self.vae) + self.beside,
            width=precision.matmul.itemsize,
            vae_width=precision.vae.itemsize,
        )

    def _watched(self, run: Denoising, kept: Kept | None) -> Generator[Progress, None, Tensor]:
        """The steps of `run`; each is told to `kept`, and makes room if the card had none."""
        done, seconds, watch = run.state.step, 0.0, memory.SpillWatch(self.machine.device)
        with closing(run.steps()) as steps:
            while True:
                began = time.monotonic()
                try:
                    progress = next(steps)
                except StopIteration as end:
                    latent: Tensor = end.value
                    return latent
                seconds += time.monotonic() - began
                if done < run.state.step < progress.steps:
                    done = run.state.step
                    if kept is not None:
                        kept.passing(run.state)
                    if watch.slow(seconds) and self.blocks.resident:
                        yield from self._shrink(progress)
                    seconds = 0.0
                yield progress

    def _shrink(self, note: Progress) -> Generator[Progress, None, None]:
        """Take a quarter of the blocks off the device, for the walk to go on."""
        count = self.blocks.resident
        if count == 0:
            room = memory.room(self.machine.device) or 0
            raise too_small(room, room)
        left = self._fewer(count)
        log.warning(
            "[Memory] The GPU has no memory left; going on with %d of %d blocks on it", left, len(self.blocks)
        )
        self.machine.release()
        yield from self._settle(left, note)

    def receipt(self, request: ResolvedRequest) -> str:
        """What determines the result, as JSON for the mp4's metadata; no times, no paths."""
        wish = {**msgspec.structs.asdict(request), "seed": str(request.seed)}
        facts = {"request": wish, "weights": self.fingerprint, "numerics": self.machine.numerics}
        return json.dumps({"artifex": facts}, ensure_ascii=False, sort_keys=True)


def _told(counting: Generator[int, None, T], phase: Phase, steps: int) -> Generator[Progress, None, T]:
    """`counting` as progress of `phase`; returns what it returns."""
    while True:
        try:
            yield Progress(phase, next(counting), steps)
        except StopIteration as end:
            value: T = end.value
            return value


def _bytes(module: nn.Module, without: str = "?") -> int:
    return sum(p.nbytes for name, p in module.named_parameters() if not name.startswith(without))


def to_pixels(chunk: Tensor) -> Tensor:
    """A decoded chunk [3, t, H, W] in [-1, 1] as uint8 [t, H, W, 3] on the CPU."""
    levels = chunk.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    return levels.permute(1, 2, 3, 0).contiguous().cpu()
