"""What the benchmarks at full size share: models of random numbers, peaks of memory, one line of JSON.

No file and no network is needed: modules are built without memory and filled with numbers drawn on the
device.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import msgspec
import torch
from torch import Tensor, nn

from benchmarks.official import FULL, SMALL, Sizes
from tests.tiny import make_tokenizer
from wan_core import memory, weights
from wan_core.checkpoint import Checkpoint
from wan_core.device import Machine
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.pipeline import Pipeline
from wan_core.plan import GIB
from wan_core.request import ResolvedRequest, VideoRequest, resolve
from wan_core.stream import Blocks, Layout, Source
from wan_core.text.umt5 import TextEncoder, load_text_encoder, official_names
from wan_core.vae.vae22 import WanVAE22
from wan_core.variants import TI2V_5B

SEED = 7
NO_LIMIT = 2**62  # bytes
PROMPT = "A red boat on a mountain lake at night"
_SMALL_VIDEO = {"width": 64, "height": 512, "frames": 9}  # rows enough for strips


def options(doc: str | None) -> argparse.ArgumentParser:
    """A parser of the options that these benchmarks have in common."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--small", action="store_true", help="tiny dimensions, to try it")
    parser.add_argument("--random-weights", action="store_true", help="what is done anyway without a folder")
    parser.add_argument("--limit-gib", type=float, help="GPU memory that PyTorch may have")
    for name in ("width", "height", "frames", "steps"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--runs", type=int, help="how often each thing is measured, after a warm-up")
    parser.add_argument("--peer", choices=["diffusers"], help="measure it, too, where it is installed")
    return parser


def sizes(asked: argparse.Namespace) -> Sizes:
    """The dimensions that the command line asks for."""
    return SMALL if asked.small else FULL


def limit(machine: Machine, gib: float | None) -> None:
    """Let PyTorch have no more than `gib` GiB of the device; None: as much as there is."""
    memory.limit(machine.device, NO_LIMIT if gib is None else int(gib * GIB))


def resolved(asked: argparse.Namespace, guidance: float | None = None, **more: Any) -> ResolvedRequest:
    """The request that the command line asks for; the model's own defaults, or tiny ones with --small."""
    wish: dict[str, Any] = dict(_SMALL_VIDEO) if asked.small else {}
    given = {name: getattr(asked, name) for name in ("width", "height", "frames", "steps")}
    wish |= {name: value for name, value in {**given, "guidance": guidance}.items() if value is not None}
    return resolve(
        msgspec.convert({"prompt": PROMPT, **wish, **more}, VideoRequest),
        TI2V_5B,
        model=TI2V_5B.name,
        image=None,
        image_size=None,
        drawn_seed=SEED,
    )


def draw(name: str, like: Tensor, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Random numbers of the shape of `like`, about as large as a trained network's."""
    if name.endswith("gamma") or ("norm" in name and name.endswith("weight")):
        return torch.ones(like.shape, dtype=dtype, device=device)
    scale = 0.02 if like.ndim < 2 else like[0].numel() ** -0.5
    return torch.empty(like.shape, dtype=dtype, device=device).normal_(0, scale)


def fill(
    module: nn.Module,
    dtype: torch.dtype,
    device: torch.device,
    float32: tuple[str, ...] = (),
    without: str | None = None,
) -> None:
    """Give the parameters of a `weights.build`-t module random numbers; those `without` begins get none."""
    for name, parameter in list(module.named_parameters()):
        if without is None or not name.startswith(without):
            kind = weights.computed_in(name, dtype, float32)
            path, _, leaf = name.rpartition(".")
            drawn = nn.Parameter(draw(name, parameter, kind, device), requires_grad=False)
            setattr(module.get_submodule(path), leaf, drawn)


class InRam:
    """Blocks of random numbers, each of its own, that wait in ordinary RAM."""

    def __init__(self, count: int, layout: Layout, device: torch.device) -> None:
        self._blocks = [torch.empty(layout.nbytes, dtype=torch.uint8) for _ in range(count)]
        for block in self._blocks:
            for name, view in layout.views(block).items():
                view.copy_(draw(name, view, view.dtype, device))

    def fetch(self, i: int, buffer: Tensor) -> None:
        """Write the bytes of block `i` into `buffer`."""
        buffer.copy_(self._blocks[i])

    def close(self) -> None:
        """There is nothing to let go of."""


def empty_dit(dims: Sizes, machine: Machine) -> tuple[WanDiT, Layout]:
    """A DiT without memory, and how a block of it lies in a buffer."""
    config, dtype = DiTConfig.from_dict({**dims.dit, "text_dim": dims.text_dim}), machine.precision.matmul
    dit = weights.build(lambda: WanDiT(config))
    return dit, Layout.of(dit.blocks[0], lambda name: weights.computed_in(name, dtype, WanDiT.FLOAT32))


def assemble(
    dims: Sizes,
    machine: Machine,
    text: TextEncoder | None = None,
    source: Callable[[int, Layout, torch.device], Source] = InRam,
) -> Pipeline:
    """A pipeline of random numbers whose blocks are nowhere yet; without `text` it can plan, not generate."""
    torch.manual_seed(SEED)
    dit, layout = empty_dit(dims, machine)
    supply = source(len(dit.blocks), layout, machine.device)
    fill(dit, machine.precision.matmul, machine.device, WanDiT.FLOAT32, without=WanDiT.BLOCKS)
    dit.supply = blocks = Blocks(list(dit.blocks), layout, supply, machine.device)
    if machine.compile:
        for block in dit.blocks:
            block.compile(dynamic=False)
    nowhere = Path("random")
    checkpoint = Checkpoint(
        root=nowhere,
        name="random",
        variant=TI2V_5B,
        config=dims.dit,
        dit_files=(),
        text_file=nowhere,
        vae_file=nowhere,
        tokenizer=nowhere,
    )
    encoder = cast(TextEncoder, text)
    return Pipeline(checkpoint, machine, encoder, dit, blocks, random_vae(dims, machine), {})


def random_vae(dims: Sizes, machine: Machine) -> WanVAE22:
    """A VAE of random numbers on the device, laid out as a loaded one."""
    vae = weights.build(lambda: WanVAE22(dims.vae))
    fill(vae, machine.precision.vae, machine.device)
    vae.pack()
    return vae


def random_text(dims: Sizes, machine: Machine, stream: bool) -> TextEncoder:
    """A text encoder of random numbers; with `stream` they wait in RAM and go layer by layer."""
    from transformers.models.umt5.modeling_umt5 import UMT5EncoderModel

    dtype = machine.precision.text
    home = torch.device("cpu") if stream else machine.device
    with torch.device("meta"):
        shapes = UMT5EncoderModel(dims.text).state_dict()
    names = official_names(dims.text.num_layers)
    drawn = {mine: draw(mine, shapes[ours], dtype, machine.device).to(home) for mine, ours in names.items()}
    with TemporaryDirectory() as folder:
        make_tokenizer(Path(folder))
        length = DiTConfig.from_dict({**dims.dit, "text_dim": dims.text_dim}).text_len
        return load_text_encoder(drawn, Path(folder), length, machine.device, dtype, stream=stream)


def wait(machine: Machine) -> None:
    """Return once the device has done what was asked of it."""
    if machine.device.type == "cuda":
        torch.cuda.synchronize(machine.device)


def forget_peaks(machine: Machine) -> None:
    """Let the next `peaks` tell of what happens from here on."""
    if machine.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(machine.device)


def peaks(machine: Machine, expected: int | None = None) -> dict[str, Any]:
    """The most memory since `forget_peaks`, in bytes, beside what a plan expects; None without a GPU."""
    cuda = machine.device.type == "cuda"
    allocated = torch.cuda.max_memory_allocated(machine.device) if cuda else None
    reserved = torch.cuda.max_memory_reserved(machine.device) if cuda else None
    return {"max_memory_allocated": allocated, "max_memory_reserved": reserved, **_beside(reserved, expected)}


def _beside(reserved: int | None, expected: int | None) -> dict[str, Any]:
    known = reserved is not None and expected is not None
    ratio = round(cast(int, reserved) / cast(int, expected), 3) if known else None
    return {"expected": expected, "reserved_to_expected": ratio}


def worst(several: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The most of several `peaks` of the same thing."""
    most = max(several, key=lambda each: each["max_memory_reserved"] or 0)
    allocated = max((each["max_memory_allocated"] or 0 for each in several), default=0)
    return {**most, "max_memory_allocated": allocated or None}


def in_gib(nbytes: int | None) -> str:
    """Bytes as a person reads them."""
    return "–" if nbytes is None else f"{nbytes / GIB:.2f} GiB"


def has_peer(asked: argparse.Namespace) -> bool:
    """Whether the other implementation is asked for and installed."""
    return asked.peer is not None and importlib.util.find_spec(asked.peer) is not None


def report(machine: Machine, **facts: Any) -> None:
    """Print the one line of JSON; `peer` is what the other implementation did, if it ran."""
    where = {"device": machine.name, "torch": str(torch.__version__), "numerics": machine.numerics}
    print(json.dumps({**where, "peer": None, **facts}), flush=True)
