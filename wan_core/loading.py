"""A checkpoint on disk as a pipeline that is ready to generate."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path

from msgspec import Struct
from torch import Tensor

from wan_core import device, memory, prepared, weights
from wan_core.checkpoint import AGAIN, Checkpoint
from wan_core.device import Machine
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.errors import ModelCorrupt
from wan_core.events import Progress
from wan_core.pipeline import Pipeline
from wan_core.places import PAD, Reader, places
from wan_core.plan import text_stays
from wan_core.stream import Blocks, Layout
from wan_core.text.umt5 import TextEncoder, load_text_encoder
from wan_core.vae.vae22 import VAEConfig, WanVAE22


class Keeping(Struct, frozen=True, kw_only=True):
    """What a load may use beside the device."""

    folder: Path | None = None  # for prepared copies and for the embeddings of prompts
    ram: int | None = None  # bytes that weights may be pinned in; None: as many as they like


def load(
    checkpoint: Checkpoint, machine: Machine | None = None, keeping: Keeping | None = None
) -> Generator[Progress, None, Pipeline]:
    """Read `checkpoint` into memory; yields progress, returns the pipeline, ready to generate."""
    machine, keeping = machine or device.find(), keeping or Keeping()
    dtype, where = machine.precision.matmul, machine.device
    fingerprint = checkpoint.fingerprint()
    dit = weights.build(lambda: WanDiT(DiTConfig.from_dict(checkpoint.config)))
    copy = yield from _prepared(checkpoint, machine, keeping, fingerprint)
    files = checkpoint.dit_files if copy is None else (copy,)
    tensors = {n: t for n, t in weights.read(files) if not n.startswith(PAD)}
    weights.compare(dit, tensors, checkpoint.root)
    state = dict(weights.read([checkpoint.vae_file]))
    config = _vae_config(checkpoint, state)
    vae = weights.build(lambda: WanVAE22(config))
    weights.compare(vae, state, checkpoint.vae_file)
    layout = Layout.of(dit.blocks[0], lambda name: weights.computed_in(name, dtype, WanDiT.FLOAT32))
    source = _Mapped(tensors, layout) if copy is None else _Copied(copy, layout)
    dit.supply = blocks = Blocks(list(dit.blocks), layout, source, where)
    last = len(tensors) + len(state) + len(blocks) + 1

    for done in weights.fill(dit, tensors, dtype, where, WanDiT.FLOAT32, without=WanDiT.BLOCKS):
        yield Progress("load", done, last)
    for done in weights.fill(vae, state, machine.precision.vae, where):
        yield Progress("load", len(tensors) + done, last)
    vae.pack()
    if machine.compile:
        for block in dit.blocks:
            block.compile(dynamic=False)
    room, size = memory.room(where), checkpoint.text_file.stat().st_size
    stays = text_stays(size, len(blocks) * layout.nbytes, room)
    stream = room is not None and not stays
    text = _text(checkpoint, machine, keeping, fingerprint, dit.config.text_len, stream)
    pipeline = Pipeline(checkpoint, machine, text, dit, blocks, vae, fingerprint, keeping.ram, stays)
    try:
        for done in pipeline.warm():
            yield Progress("load", len(tensors) + len(state) + done, last)
        yield Progress("load", last, last)
    except BaseException:  # given up, too, is a generator that is closed
        pipeline.close()
        raise
    return pipeline


def _prepared(
    checkpoint: Checkpoint, machine: Machine, keeping: Keeping, fingerprint: Mapping[str, str]
) -> Generator[Progress, None, Path | None]:
    """The prepared copy of a large DiT, made now if it can be; None where there is none."""
    if keeping.folder is None or not checkpoint.worth_a_copy:
        return None
    dtype = machine.precision.matmul
    first = fingerprint[checkpoint.dit_files[0].name][:16]
    folder = keeping.folder / "prepared" / first
    found = prepared.find_prepared(folder, fingerprint, dtype)
    return found or (yield from prepared.prepare(checkpoint, folder, dtype, fingerprint))


class _Mapped:
    """Blocks out of `tensors`, which are mapped from disk, each in the dtype it is computed in."""

    def __init__(self, tensors: Mapping[str, Tensor], layout: Layout) -> None:
        self._tensors, self._layout = tensors, layout

    def fetch(self, i: int, buffer: Tensor) -> None:
        for name, view in self._layout.views(buffer).items():
            view.copy_(self._tensors[f"{WanDiT.BLOCKS}{i}.{name}"])

    def close(self) -> None:
        pass  # the system lets go of what is mapped


class _Copied:
    """Blocks out of a prepared copy, each read in one go."""

    def __init__(self, copy: Path, layout: Layout) -> None:
        self._places, self._layout, self._reader = places([copy]), layout, Reader()

    def fetch(self, i: int, buffer: Tensor) -> None:
        wanted = [self._places[f"{WanDiT.BLOCKS}{i}.{entry.name}"] for entry in self._layout.entries]
        self._reader.read_into(wanted, buffer.numpy().data)

    def close(self) -> None:
        self._reader.close()


def _text(
    checkpoint: Checkpoint,
    machine: Machine,
    keeping: Keeping,
    fingerprint: Mapping[str, str],
    text_len: int,
    stream: bool,
) -> TextEncoder:
    """The text encoder, on the device or, with `stream`, passing through it."""
    file = checkpoint.text_file
    return load_text_encoder(
        dict(weights.read([file])),
        checkpoint.tokenizer,
        text_len=text_len,
        device=machine.device,
        dtype=machine.precision.text,
        stream=stream,
        cache=None if keeping.folder is None else keeping.folder / "embeddings",
        fingerprint=f"{fingerprint[file.name]} {machine.numerics}",
    )


def _vae_config(checkpoint: Checkpoint, state: dict[str, Tensor]) -> VAEConfig:
    own = checkpoint.own_vae
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
