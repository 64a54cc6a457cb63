"""Golden cases of the models, and of all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import inf
from typing import Any
from unittest import mock

import torch
from PIL import Image
from torch import Tensor

from tests.golden_set import Case, Folder, difference
from wan_core.denoise import Denoising
from wan_core.events import finish
from wan_core.image import fit_cover
from wan_core.sampling import solvers
from wan_core.sampling.schedule import schedule
from wan_core.text.umt5 import build_encoder


def dit(folder: Folder) -> Iterator[Case]:
    for name in folder.config["cases"]:
        yield Case(name, 5e-5, partial(_dit, folder, name))


def _dit(folder: Folder, name: str) -> float:
    """Sample by sample, without padding between them: for us a batch is of one shape."""
    fields, worst = folder.case(name), 0.0
    for number in range(sum(field.startswith("x.") for field in fields)):
        x, out = fields[f"x.{number}"].unsqueeze(0), fields[f"out.{number}"]
        y = fields[f"y.{number}"].unsqueeze(0) if f"y.{number}" in fields else None
        t, index = fields["t"][number : number + 1], None
        if t.ndim == 2:  # a timestep for each token, then for padding
            depth, height, width = folder.config["model"]["patch_size"]
            tokens = x[0, 0].numel() // (depth * height * width)
            t, index = t[:, :tokens].unique(return_inverse=True)
        velocity = folder.dit(x, t, [fields[f"context.{number}"]], index, y)
        worst = max(worst, difference(velocity[0], out))
    return worst


def vae22(folder: Folder) -> Iterator[Case]:
    for name in folder.config["cases"]:
        yield Case(name, 2e-5, partial(_vae22, folder, name))


def _vae22(folder: Folder, name: str) -> float:
    fields = folder.case(name)
    if "video_unclamped" in fields:
        video = torch.cat(list(folder.vae.decode_chunks(fields["z"])), dim=1)
        return difference(video, fields["video_unclamped"])
    return difference(folder.vae.encode(fields["video"]), fields["z"])


def t5(folder: Folder) -> Iterator[Case]:
    for name in folder.config["cases"]:
        yield Case(name, 5e-5, partial(_t5, folder, name))


def _t5(folder: Folder, name: str) -> float:
    """Both as the official code does it, padded and masked, and as we do, unpadded: the same function."""
    fields = folder.case(name)
    encoder = build_encoder(folder.weights, "cpu", torch.float32)
    padded = encoder(input_ids=fields["ids"], attention_mask=fields["mask"]).last_hidden_state
    worst = difference(padded, fields["out"])
    for ids, mask, out in zip(fields["ids"], fields["mask"], fields["out"], strict=True):
        length = int(mask.sum())
        trimmed = encoder(input_ids=ids[None, :length]).last_hidden_state[0]
        worst = max(worst, difference(trimmed, out[:length]))
    return worst


def pipeline_ti2v(folder: Folder) -> Iterator[Case]:
    for name in folder.config["cases"]:
        yield Case(name, 2e-4, partial(_pipeline, folder, name))


def _pipeline(folder: Folder, name: str) -> float:
    """From the noise (and the picture) to the video, by the functions that ship.

    The committed subset has no video for some cases; the latents are always compared.
    """
    call, fields = folder.config["cases"][name], folder.case(name)
    parts = {
        part: Folder((folder.path.parent / file).parent) for part, file in folder.config["weights"].items()
    }
    first, worst = None, 0.0
    if "image_u8" in fields:
        picture = fit_cover(Image.fromarray(fields["image_u8"].numpy()), *call["size_w_h"])
        first = parts["vae"].vae.encode(picture)
        worst = max(difference(picture, fields["image_tensor"]), difference(first, fields["z_image"]))
    plan = schedule(call["solver"], call["steps"], call["shift"])
    if [int(t) for t in plan.timesteps] != call["timesteps"]:
        return inf

    stepped: list[Tensor] = []

    def advance(*given: Any) -> solvers.SamplerState:
        state = solvers.advance(*given)
        stepped.append(state.latent)
        return state

    contexts = [fields["context"], fields["context_null"]]
    with mock.patch("wan_core.denoise.advance", advance):
        begin = solvers.start(fields["noise"])
        dit, scale = parts["dit"].dit, call["guide_scale"]
        latent = finish(Denoising(dit, plan, call["solver"], begin, contexts, scale, first).steps())
    worst = max(worst, difference(torch.stack(stepped), fields["scheduler_out"]))
    worst = max(worst, difference(latent, fields["latents"][-1]))
    if "video" in fields:
        video = torch.cat(list(parts["vae"].vae.decode_chunks(latent)), dim=1).clamp(-1, 1)
        worst = max(worst, difference(video, fields["video"]))
    return worst
