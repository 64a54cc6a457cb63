"""How long the VAE takes to decode, cut as the plans cut it: seconds, memory, and what a cut changes.

    python -m benchmarks.decode [--cuts 0 1 2] [--limit-gib 4.75] [--reference 17] [--peer diffusers]

The latent is random, as large as real ones. Cuts take turns. What differs from the whole decode, and how far
both are from float32 without TF32, is shown on a clip of `--reference` frames.
"""

from __future__ import annotations

import argparse
import copy
import math
import statistics
import sys
from collections.abc import Iterable
from contextlib import closing
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from benchmarks import full
from wan_core import device, memory
from wan_core.device import Machine
from wan_core.pipeline import to_pixels
from wan_core.shapes import LatentGrid
from wan_core.vae.vae22 import WanVAE22
from wan_core.vae_memory import CUTS, WHOLE, DecodeCut, decode_reserved
from wan_core.vae_memory import weights as decoder_weights
from wan_core.variants import TI2V_5B

_RANGE = 2.0  # a pixel's values go from -1 to 1


def name(cut: DecodeCut) -> str:
    """A cut as a person reads it."""
    where = f", past in RAM but for {cut.rooms}" if cut.rooms < cut.strips else ""
    return "whole" if cut == WHOLE else f"{cut.strips} strips{where}"


def latent(asked: argparse.Namespace, machine: Machine, frames: int | None = None) -> Tensor:
    """A random latent [C, F, H, W] of the size asked for, or of so many video `frames`."""
    request = full.resolved(asked)
    grid: LatentGrid = TI2V_5B.grid(request.width, request.height, frames or request.frames)
    generator = torch.Generator().manual_seed(full.SEED)
    return torch.randn(tuple(grid), generator=generator).to(machine.device)


def timed(vae: WanVAE22, z: Tensor, cut: DecodeCut, machine: Machine) -> float:
    """Seconds until all pixels are in RAM, as the pipeline puts them there."""
    full.wait(machine)
    start = perf_counter()
    with closing(vae.decode_chunks(z, cut)) as chunks:
        for chunk in chunks:
            to_pixels(chunk)
    return perf_counter() - start


def measure(
    vae: WanVAE22, z: Tensor, cuts: list[DecodeCut], machine: Machine, runs: int
) -> list[dict[str, Any]]:
    """Seconds and peaks of every cut, the cuts taking turns."""
    seconds: dict[DecodeCut, list[float]] = {cut: [] for cut in cuts}
    seen: dict[DecodeCut, list[dict[str, Any]]] = {cut: [] for cut in cuts}
    expected = {cut: _expected(vae, z, cut) for cut in cuts}
    trouble: dict[DecodeCut, str] = {}
    for run in range(-1, runs):  # the first warms up, on a few frames
        for cut in cuts:
            if cut in trouble:
                continue
            machine.release()
            full.forget_peaks(machine)
            try:
                took = timed(vae, z if run >= 0 else z[:, :3], cut, machine)
            except RuntimeError as problem:
                if not memory.ran_out(problem):
                    raise
                trouble[cut] = "out of memory"
                print(f"{name(cut)}: out of memory")
                continue
            if run >= 0:
                seconds[cut].append(took)
                seen[cut].append(full.peaks(machine, expected[cut]))
                reserved = full.in_gib(seen[cut][-1]["max_memory_reserved"])
                print(f"{name(cut)}: {took:.2f} s, {reserved}, expected {full.in_gib(expected[cut])}")
    results = []
    for cut in cuts:
        result: dict[str, Any] = {"cut": name(cut), "strips": cut.strips, "rooms": cut.rooms}
        result["trouble"] = trouble.get(cut)
        if seconds[cut]:
            middle = statistics.median(seconds[cut])
            whole = statistics.median(seconds[cuts[0]]) if seconds[cuts[0]] else None
            result |= {"s": round(middle, 3), "all_s": [round(each, 3) for each in seconds[cut]]}
            result["ratio_to_first"] = None if whole is None else round(middle / whole, 4)
            result |= full.worst(seen[cut])
        results.append(result)
    return results


def _expected(vae: WanVAE22, z: Tensor, cut: DecodeCut) -> int:
    """Bytes on the device, as a plan counts them: all of the VAE, and what decoding takes beside."""
    decoder, width = vae.config.decoder, vae.conv2.weight.itemsize
    peak = decode_reserved(decoder, z.shape[3] * 16, z.shape[2] * 16, cut, width)
    return peak - decoder_weights(decoder) * width + sum(p.nbytes for p in vae.parameters())


def compare(one: Iterable[Tensor], other: Iterable[Tensor]) -> dict[str, float | None]:
    """How like two videos are, chunk by chunk: PSNR in dB (None where they are equal), largest difference."""
    squares, count, largest = 0.0, 0, 0.0
    for a, b in zip(one, other, strict=True):
        difference = a - b
        squares += float(difference.double().square().sum())
        largest = max(largest, float(difference.abs().max()))
        count += difference.numel()
    psnr = None if squares == 0 else round(10 * math.log10(_RANGE**2 * count / squares), 2)
    return {"psnr_db": psnr, "largest_difference": round(largest, 6)}


def likeness(vae: WanVAE22, z: Tensor, cuts: list[DecodeCut]) -> dict[str, Any]:
    """Each cut against the whole decode in the same dtype, and against a whole decode in float32."""
    exact = copy.deepcopy(vae).float()
    torch.backends.cudnn.allow_tf32 = False
    found: dict[str, Any] = {}
    for cut in dict.fromkeys([WHOLE, *cuts]):
        to_whole = None if cut == WHOLE else compare(vae.decode_chunks(z), vae.decode_chunks(z, cut))
        found[name(cut)] = {
            "to_whole": to_whole,
            "to_float32": compare(exact.decode_chunks(z), vae.decode_chunks(z, cut)),
        }
        print(f"{name(cut)}: {found[name(cut)]}")
    values = torch.cat([chunk.flatten() for chunk in exact.decode_chunks(z[:, :2])])
    return {"cuts": found, "rms_of_values": round(float(values.square().mean().sqrt()), 4)}


def peer(asked: argparse.Namespace, machine: Machine, z: Tensor) -> dict[str, Any]:
    """Time and memory of the whole decode by diffusers, in the same dtype."""
    from diffusers import AutoencoderKLWan  # type: ignore[import-not-found, unused-ignore]

    config = full.sizes(asked).vae
    with machine.device:
        vae = AutoencoderKLWan(
            base_dim=config.dim,
            decoder_base_dim=config.dec_dim,
            z_dim=config.z_dim,
            dim_mult=list(config.dim_mult),
            num_res_blocks=config.num_res_blocks,
            temperal_downsample=list(config.time_down),
            is_residual=True,
            in_channels=12,
            out_channels=12,
            patch_size=2,
            scale_factor_spatial=16,
            scale_factor_temporal=4,
            clip_output=False,
        )
    vae = vae.to(machine.precision.vae).eval().requires_grad_(False)
    sample, seconds = z[None].to(machine.precision.vae), []
    for run in range(-1, asked.runs):
        machine.release()
        full.forget_peaks(machine)
        start = perf_counter()
        with torch.inference_mode():
            to_pixels(vae.decode(sample if run >= 0 else sample[:, :, :3], return_dict=False)[0][0].float())
        seconds.append(perf_counter() - start)
    return {"peer": "diffusers", "s": round(statistics.median(seconds[1:]), 3), **full.peaks(machine)}


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    parser = full.options(__doc__)
    parser.add_argument(
        "--cuts", type=int, nargs="+", default=list(range(len(CUTS))), help="by number, in CUTS"
    )
    parser.add_argument("--reference", type=int, default=17, help="video frames to compare on; 0: none")
    parser.set_defaults(runs=2)
    asked = parser.parse_args(arguments)
    machine, cuts = device.find(), [CUTS[n] for n in asked.cuts]
    torch.manual_seed(full.SEED)
    vae, z = full.random_vae(full.sizes(asked), machine), latent(asked, machine)
    full.limit(machine, asked.limit_gib)
    decoded = measure(vae, z, cuts, machine, asked.runs)
    theirs = None
    if full.has_peer(asked):
        home = vae.to("cpu")
        machine.release()
        try:
            theirs = peer(asked, machine, z)
        except RuntimeError as problem:
            if not memory.ran_out(problem):
                raise
            theirs = {"peer": "diffusers", "trouble": "out of memory"}
        machine.release()
        full.limit(machine, None)
        vae = home.to(machine.device)
    full.limit(machine, None)
    likely = likeness(vae, latent(asked, machine, asked.reference), cuts) if asked.reference else None
    request = full.resolved(asked)
    full.report(
        machine,
        benchmark="decode",
        size=[request.width, request.height, request.frames],
        limit_gib=asked.limit_gib,
        cuts=decoded,
        likeness=likely,
        peer=theirs,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
