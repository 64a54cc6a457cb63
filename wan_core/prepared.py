"""A copy of a DiT of which a block is read in one go: blocks in order, in the dtype they are computed in.

Official files are float32 and in another order: twice the bytes, all over three files. torch is imported
only where a copy is made, so that the sidecar, too, can find and forget copies.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wan_core.checkpoint import AGAIN, Checkpoint
from wan_core.errors import ModelCorrupt
from wan_core.events import Progress
from wan_core.places import PAD, Place, Reader, header, places

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

SPARE = 2 * 2**30  # bytes that stay free on the disk
ALIGNED = 4096  # bytes; where a block begins is a multiple of it
LAYOUT = "1"  # raised whenever the order or the dtypes would differ from those of older copies
_KINDS = {"torch.bfloat16": "bf16", "torch.float16": "fp16", "torch.float32": "fp32"}
_TORCH = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_CHUNK = 8 * 2**20  # bytes read and converted at once


class _Piece(NamedTuple):
    """One tensor of a copy."""

    name: str
    dtype: str  # as safetensors calls it
    shape: tuple[int, ...]
    nbytes: int
    source: Place | None = None  # padding has none


def find_prepared(folder: Path, fingerprint: Mapping[str, str], dtype: torch.dtype) -> Path | None:
    """The whole copy in `folder` of the checkpoint with this `fingerprint`, if there is one."""
    file = folder / _name(dtype)
    return file if _belongs(file, fingerprint, dtype) else None


def room_for(checkpoint: Checkpoint, dtype: torch.dtype) -> int:
    """The bytes that a copy takes, but for its header, which has less than 1 MiB."""
    return sum(piece.nbytes for piece in _pieces(checkpoint, dtype))


def prepare(
    checkpoint: Checkpoint, folder: Path, dtype: torch.dtype, fingerprint: Mapping[str, str]
) -> Generator[Progress, None, Path | None]:
    """Make the copy of `checkpoint`, for computing in `dtype`, in `folder`; the path of it.

    One that is there already is taken. None, with a line in the log, where it cannot be made: the disk has
    too little room or fills up, nothing may be written there, or another process is at it. Until it is whole
    nothing is under its name; closing the generator removes what there is. Raises ModelCorrupt where the
    checkpoint's files cannot be read or do not belong together.
    """
    file = folder / _name(dtype)
    if _belongs(file, fingerprint, dtype):
        return file
    pieces = _pieces(checkpoint, dtype)
    notes = _notes({source.name: fingerprint[source.name] for source in checkpoint.dit_files}, dtype)
    head = _header(pieces, notes)
    size = len(head) + sum(piece.nbytes for piece in pieces)
    part = _part(file)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder) as alone:
            if not alone:
                log.info("[Memory] another process prepares %s in %s", file.name, folder)
                return None
            _sweep(folder)
            free = shutil.disk_usage(folder).free
            if free < size + SPARE:
                log.info(
                    "[Memory] no room in %s for %s: %d bytes, %d are free", folder, file.name, size, free
                )
                return None
            try:
                yield from _write(part, head, pieces)
                if not _belongs(part, fingerprint, dtype):
                    raise OSError(errno.EIO, "it reads back otherwise than it was written")
                part.replace(file)
            finally:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
    except OSError as problem:
        log.warning("[Memory] %s cannot be prepared in %s: %s", file.name, folder, problem.strerror)
        return None
    return file


def forget(folder: Path) -> int:
    """Delete the copies in `folder`; the bytes that came free."""
    freed = 0
    if folder.is_dir():
        with suppress(OSError), _alone(folder) as alone:
            freed += _sweep(folder) if alone else 0
            freed += sum(map(_delete, _copies(folder)))
    return freed


def _name(dtype: torch.dtype) -> str:
    return f"dit-{_KINDS[str(dtype)]}.safetensors"


def _copies(folder: Path) -> list[Path]:
    return [folder / f"dit-{kind}.safetensors" for kind in _KINDS.values()]


def _part(file: Path) -> Path:
    return file.with_name(f".{file.name}.part")


def _sweep(folder: Path) -> int:
    """Remove what a process that died has left; for the one that is alone. The bytes that came free."""
    return sum(map(_delete, map(_part, _copies(folder))))


def _delete(file: Path) -> int:
    try:
        size = file.stat().st_size
        file.unlink()
    except OSError:  # it is not there, or Windows has it open
        return 0
    return size


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else prepares in `folder`, nor will meanwhile; a process that dies lets go.

    The lock file stays: removing it would be a race.
    """
    with (folder / ".prepare.lock").open("ab") as file:
        yield _locked(file.fileno())


def _locked(file: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _notes(source: Mapping[str, str], dtype: torch.dtype) -> dict[str, str]:
    """What a copy says of itself."""
    return {
        "format": "pt",  # as other readers of safetensors ask for
        "layout": LAYOUT,
        "dtype": _KINDS[str(dtype)],
        "source": json.dumps(dict(source), sort_keys=True),
    }


def _belongs(file: Path, fingerprint: Mapping[str, str], dtype: torch.dtype) -> bool:
    try:
        found = header(file).notes
        source = {name: fingerprint[name] for name in json.loads(found["source"])}
    except (OSError, ModelCorrupt, ValueError, KeyError, TypeError):
        return False
    return bool(source) and found == _notes(source, dtype)


def _pieces(checkpoint: Checkpoint, dtype: torch.dtype) -> list[_Piece]:
    """The tensors of a copy in their order. Raises ModelCorrupt where checkpoint and model do not agree."""
    import torch

    from wan_core import weights
    from wan_core.dit.model import DiTConfig, WanDiT

    sources = places(checkpoint.dit_files)
    dit = weights.build(lambda: WanDiT(DiTConfig.from_dict(checkpoint.config)))
    shapes = {name: torch.empty(place.shape, device="meta") for name, place in sources.items()}
    weights.compare(dit, shapes, checkpoint.root)
    codes = {name: code for code, name in _TORCH.items()}
    groups: list[list[_Piece]] = [
        [] for _ in range(len(dit.blocks) + 1)
    ]  # the last is for what is in no block
    for name, parameter in dit.named_parameters():
        source = sources[name]
        if source.dtype not in _TORCH:
            raise ModelCorrupt(
                f"{source.file} cannot be read: {name} is {source.dtype}.",
                AGAIN,
                case="model_file_unreadable",
                file=source.file.name,
            )
        kind = weights.computed_in(name, dtype, WanDiT.FLOAT32)
        code, nbytes = codes[str(kind).removeprefix("torch.")], parameter.numel() * kind.itemsize
        block = int(name.split(".")[1]) if name.startswith("blocks.") else -1
        groups[block].append(_Piece(name, code, source.shape, nbytes, source))

    pieces: list[_Piece] = []
    end = 0
    for number, group in enumerate(groups):
        if gap := -end % ALIGNED:
            pieces.append(_Piece(f"{PAD}{number}", "U8", (gap,), gap))
        pieces += group
        end += gap + sum(piece.nbytes for piece in group)
    return pieces


def _header(pieces: list[_Piece], notes: dict[str, str]) -> bytes:
    """The beginning of a safetensors file, with spaces up to where data can begin."""
    entries: dict[str, object] = {"__metadata__": notes}
    end = 0
    for piece in pieces:
        offsets = [end, end + piece.nbytes]
        entries[piece.name] = {"dtype": piece.dtype, "shape": piece.shape, "data_offsets": offsets}
        end += piece.nbytes
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % ALIGNED)
    return len(text).to_bytes(8, "little") + text


def _write(part: Path, head: bytes, pieces: list[_Piece]) -> Generator[Progress, None, None]:
    with part.open("wb") as file, Reader() as reader:
        file.write(head)
        for done, piece in enumerate(pieces, start=1):
            if piece.source is None:
                file.write(bytes(piece.nbytes))
            else:
                for converted in _converted(reader, piece.source, piece.dtype):
                    file.write(converted)
            yield Progress("load", done, len(pieces))
        file.flush()
        os.fsync(file.fileno())


def _converted(reader: Reader, source: Place, dtype: str) -> Iterator[memoryview]:
    """The tensor at `source` as `dtype`, a little at a time."""
    import torch

    given, wanted = getattr(torch, _TORCH[source.dtype]), getattr(torch, _TORCH[dtype])
    buffer = memoryview(bytearray(min(_CHUNK, source.nbytes)))
    for start in range(0, source.nbytes, _CHUNK):
        chunk = buffer[: source.nbytes - start]
        reader.read_into([source._replace(offset=source.offset + start, nbytes=len(chunk))], chunk)
        tensor = torch.frombuffer(chunk, dtype=given).to(wanted)
        yield tensor.view(torch.uint8).numpy().data
