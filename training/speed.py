"""How long the steps of training take on this machine's GPU, and where a step's time goes.

python -m training.speed
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from training import train_dit, train_vae, vocabulary
from training.checkpoints import FIRST_TEXT, VAE
from training.clock import Step
from training.group import Group
from training.networks.dit import Block
from training.pool import Clips, Latents, Source, empty_text
from training.recipe import FULL

_CLIPS = 256


def ceiling() -> float:
    """bf16 operations a second of a large matrix product."""
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return 2 * 8192**3 / _each(lambda: a @ b, 10)


def _each(work: Callable[[], object], count: int) -> float:
    for _ in range(3):
        work()
    torch.cuda.synchronize()
    began = time.monotonic()
    for _ in range(count):
        work()
    torch.cuda.synchronize()
    return (time.monotonic() - began) / count


def report(name: str, step: Step, operations: int, best: float) -> None:
    """Time a step and list its costliest kernels."""
    each = _each(step, 10)
    share = operations / each / best
    print(
        f"{name}: {each * 1000:.1f} ms, {operations / 1e12:.2f} Tflop, {share:.0%} of the ceiling", flush=True
    )
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as found:
        step()
        torch.cuda.synchronize()
    for event in sorted(found.key_averages(), key=lambda e: -e.self_device_time_total)[:14]:
        print(f"  {event.self_device_time_total / 1000:8.2f} ms {event.count:5d} x  {event.key[:90]}")


def _operations(work: Callable[[], Tensor]) -> int:
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    group, best = Group(), ceiling()
    print(f"ceiling {best / 1e12:.0f} Tflop/s in bf16")
    source = Source(1, "cuda")
    vae = train_vae.Training(FULL, group)
    for shape in FULL.vae.shapes:
        clips = Clips(source, replace(shape, drawn=64))
        work = partial(vae.together, clips)
        operations = _operations(work)
        step = Step(group, work, list(vae.parts.values()))
        report(f"vae {shape.batch} x {shape.window} frames", step, operations, best)
        alone = partial(vae.alone, clips, vae.latents(clips))
        step = Step(group, alone, [vae.parts["decoder"]])
        report(f"its decoder alone, {shape.batch} x {shape.window} frames", step, _operations(alone), best)
    with TemporaryDirectory() as folder:
        state = Path(folder)
        train_vae.save_statistics(vae.vae, clips.pixels[:8], FULL.vae, state)
        train_vae.save_weights(vae.vae, state / VAE)
        save_file(FULL.new_text(len(vocabulary.pieces())).state_dict(), state / FIRST_TEXT)
        dit = train_dit.Training(FULL, group, state, empty_text(source))
        encode = train_dit.Encoder(FULL, state, "cuda")
        pool = Latents(source, encode, replace(FULL.dit.shapes[0], room=_CLIPS))
        began = time.monotonic()
        while pool.filled < _CLIPS:
            pool.add()
        torch.cuda.synchronize()
        print(f"drawing and encoding: {_CLIPS / (time.monotonic() - began):.0f} clips a second")
        compiled = dit.dit._block
        for shape in FULL.dit.shapes[:2]:
            learn = partial(dit.learn, pool, shape)
            dit.dit._block = Block.forward
            operations = _operations(learn)
            dit.dit._block = compiled
            step = Step(group, learn, list(dit.parts.values()))
            report(f"dit {shape.batch} x {shape.window} frames", step, operations, best)


if __name__ == "__main__":
    main()
