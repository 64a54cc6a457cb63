"""From a request to an mp4: text, image, denoise, decode, write. Progress is yielded; to cancel is to close.

B batch · C latent channels · F, H, W latent frames, rows, columns · T video frames · L tokens
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from wan_core import device, weights
from wan_core.checkpoint import AGAIN, Checkpoint
from wan_core.denoise import denoise, draw_noise
from wan_core.device import Machine
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.errors import ModelCorrupt
from wan_core.events import Event, Finished, Progress
from wan_core.image import fit_cover
from wan_core.partial import cannot_write
from wan_core.picture import read_picture
from wan_core.request import ResolvedRequest
from wan_core.sampling.schedule import schedule
from wan_core.sampling.solvers import SamplerState, save_state
from wan_core.text.umt5 import TextEncoder, load_text_encoder
from wan_core.vae.vae22 import VAEConfig, WanVAE22
from wan_core.video import VideoWriter


def load(checkpoint: Checkpoint, machine: Machine | None = None) -> Generator[Progress, None, Pipeline]:
    """Read `checkpoint` into memory; yields progress, returns the pipeline, ready to generate."""
    machine = machine or device.find()
    dtype, where = machine.precision.matmul, machine.device
    dit = weights.build(lambda: WanDiT(DiTConfig.from_dict(checkpoint.config)))
    state = dict(weights.read([checkpoint.vae_file]))
    config = _vae_config(checkpoint, state)
    vae = weights.build(lambda: WanVAE22(config))
    before = len(list(dit.parameters()))
    last = before + len(list(vae.parameters())) + 1

    tensors = weights.read(checkpoint.dit_files)
    for done in weights.fill(dit, tensors, dtype, where, checkpoint.root, WanDiT.FLOAT32):
        yield Progress("load", done, last)
    if machine.compile:
        for block in dit.blocks:
            block.compile(dynamic=False)
    for done in weights.fill(vae, state.items(), dtype, where, checkpoint.vae_file):
        yield Progress("load", before + done, last)
    vae.pack()
    text = load_text_encoder(
        dict(weights.read([checkpoint.text_file])),
        checkpoint.tokenizer,
        text_len=dit.config.text_len,
        device=where,
        dtype=torch.bfloat16 if dtype == torch.float16 else dtype,
    )
    yield Progress("load", last, last)
    return Pipeline(checkpoint, machine, text, dit, vae, checkpoint.fingerprint())


@dataclass
class Pipeline:
    """A loaded model. One request at a time; `generate` gives back what it took, however it ends."""

    checkpoint: Checkpoint
    machine: Machine
    text: TextEncoder
    dit: WanDiT
    vae: WanVAE22
    fingerprint: dict[str, str]

    def generate(
        self, request: ResolvedRequest, *, out: Path, work: Path, image: Path | None = None
    ) -> Generator[Event, None, None]:
        """Make the video of `request` at `out` (.mp4); yields Progress, at last Finished.

        `image` is the picture of an image-to-video request. The final latent is written to
        `work`/latent.safetensors before decoding begins. Closing the iterator cancels: nothing is
        left under `out`'s name. Raises WanError for what a person can act on.
        """
        try:
            latent = yield from self.latent(request, image)
            _keep(SamplerState(request.steps, latent), work / "latent.safetensors")
            yield from self.decode(latent, request, out)
        finally:
            self.machine.release()
        yield Finished(
            path=str(out),
            frames=request.frames,
            width=request.width,
            height=request.height,
            numerics=self.machine.numerics,
        )

    @torch.inference_mode()
    def latent(self, request: ResolvedRequest, image: Path | None) -> Generator[Progress, None, Tensor]:
        """The clean latent of `request`, float32 [C, F, H, W]."""
        grid = self.checkpoint.variant.grid(request.width, request.height, request.frames)
        scale = request.guidance if isinstance(request.guidance, float) else request.guidance[0]
        prompts = [request.prompt] if scale == 1 else [request.prompt, request.negative_prompt]
        contexts = []
        for done, prompt in enumerate(prompts):
            yield Progress("text", done, len(prompts))
            contexts.append(self.text.encode(prompt))
        yield Progress("text", len(prompts), len(prompts))

        first_frame = None
        if image is not None:
            yield Progress("image", 0, 1)
            picture = fit_cover(read_picture(image), request.width, request.height)
            first_frame = self.vae.encode(picture)
            yield Progress("image", 1, 1)

        noise = draw_noise(grid, request.seed).to(self.machine.device)
        plan = schedule(request.solver, request.steps, request.shift)
        return (
            yield from denoise(
                self.dit, plan, request.solver, noise, contexts, scale, first_frame, self.machine
            )
        )

    @torch.inference_mode()
    def decode(self, latent: Tensor, request: ResolvedRequest, out: Path) -> Generator[Progress, None, None]:
        """Decode `latent` [C, F, H, W] into the mp4 `out`, a few frames at a time."""
        yield Progress("decode", 0, latent.shape[1])
        with VideoWriter(out, request.width, request.height, request.fps, self.receipt(request)) as video:
            with closing(self.vae.decode_chunks(latent)) as chunks:
                for done, chunk in enumerate(chunks, start=1):
                    video.write(to_pixels(chunk))
                    yield Progress("decode", done, latent.shape[1])
            yield Progress("write", 0, 1)
            video.finish()
        yield Progress("write", 1, 1)

    def receipt(self, request: ResolvedRequest) -> str:
        """What determines the result, as JSON for the mp4's metadata; no times, no paths."""
        wish = {**msgspec.structs.asdict(request), "seed": str(request.seed)}
        facts = {"request": wish, "weights": self.fingerprint, "numerics": self.machine.numerics}
        return json.dumps({"artifex": facts}, ensure_ascii=False, sort_keys=True)


def to_pixels(chunk: Tensor) -> Tensor:
    """A decoded chunk [3, t, H, W] in [-1, 1] as uint8 [t, H, W, 3] on the CPU."""
    levels = chunk.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    return levels.permute(1, 2, 3, 0).contiguous().cpu()


def _keep(state: SamplerState, path: Path) -> None:
    """Write the state of a run whose steps are done, whole or not at all."""
    try:
        save_state(path, state)
    except OSError as problem:
        raise cannot_write(path, problem) from problem


def _vae_config(checkpoint: Checkpoint, state: dict[str, Tensor]) -> VAEConfig:
    own = checkpoint.latents
    try:
        if own is None:
            return VAEConfig.from_weights(state)
        return VAEConfig.from_weights(state, own.latent_mean, own.latent_std)
    except KeyError as missing:
        raise ModelCorrupt(
            f"{checkpoint.vae_file} lacks the tensor {missing}.",
            AGAIN,
            case="tensor_lacking",
            file=checkpoint.vae_file.name,
            tensor=missing.args[0],
        ) from None
