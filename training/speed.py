"""How long the parts of training take on this machine's GPU, and where a step's time goes.

python -m training.speed
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from training import train_dit, train_vae
from training.clock import Step
from training.pool import CAPTIONS, TEXT_LEN, Clips, Latents, Source


def report(name: str, work, count: int = 10) -> None:
    """Capture one step, time it, and list its costliest kernels."""
    began = time.monotonic()
    step = Step(work)
    captured = time.monotonic() - began
    step()
    torch.cuda.synchronize()
    began = time.monotonic()
    for _ in range(count):
        step()
    torch.cuda.synchronize()
    each = (time.monotonic() - began) / count * 1000
    room = torch.cuda.max_memory_allocated() / 2**30
    print(f"{name}: captured in {captured:.1f} s, {each:.1f} ms a step, {room:.0f} GiB", flush=True)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as found:
        step()
        torch.cuda.synchronize()
    events = sorted(found.key_averages(), key=lambda e: -e.self_device_time_total)
    for event in events[:12]:
        print(f"  {event.self_device_time_total / 1000:8.2f} ms {event.count:5d} x  {event.key[:90]}")
    torch.cuda.reset_peak_memory_stats()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="*", default=["vae", "dit"])
    given = parser.parse_args()
    given.state, given.toy, given.seed = Path("training/state"), False, 0
    clips = Clips(Source(1, "cuda"), 512, 25, 192, 320)
    if "vae" in given.parts:
        vae = train_vae.Training(given)
        for count, frames in ((8, 9), (3, 25)):
            report(f"vae {count} x {frames} frames", lambda c=count, f=frames: vae.together(clips, c, f))
        report("decoder alone 3 x 25 frames", lambda: vae.decoder_alone(clips, 3, 25))
    if "dit" in given.parts:  # needs a trained VAE in training/state
        dit = train_dit.Training(given)
        for shape, (count, *_) in train_dit.SHAPES.items():
            pool = Latents(dit.source, dit.encode, 512, shape)
            pool.put(torch.randn_like(pool.latents), torch.ones(512, CAPTIONS, TEXT_LEN, dtype=torch.int64))
            report(f"dit {shape} x {count}", lambda p=pool, c=count: dit.learn(p, c))


if __name__ == "__main__":
    main()
