"""A prepared copy: a block is read in one go, it is whole or not there, and takes little memory to make."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from io import FileIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

from benchmarks.official import SMALL, write
from tests import disks
from tests.talk import ROOT
from wan_core import places as places_module
from wan_core import prepared, weights
from wan_core.checkpoint import Checkpoint, inspect
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.errors import ModelCorrupt
from wan_core.events import finish
from wan_core.places import PAD, Place, Reader, header, places
from wan_core.prepared import find_prepared, forget, prepare, room_for
from wan_core.text.umt5 import official_names
from wan_core.vae.vae22 import VAEConfig, WanVAE22

BF16 = torch.bfloat16
SHARD = "diffusion_pytorch_model-00002-of-00003.safetensors"


@pytest.fixture
def checkpoint(checkpoint_folder: Path) -> Checkpoint:
    return inspect(checkpoint_folder)


@pytest.fixture
def fingerprint(checkpoint: Checkpoint) -> dict[str, str]:
    return checkpoint.fingerprint()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where copies go; it need not be there before."""
    return tmp_path / "준비된 🎬"


@pytest.fixture
def copy(checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str]) -> Path:
    made = finish(prepare(checkpoint, folder, BF16, fingerprint))
    assert made is not None
    return made


def model(checkpoint: Checkpoint) -> WanDiT:
    return weights.build(lambda: WanDiT(DiTConfig.from_dict(checkpoint.config)))


def block_places(copy: Path, number: int, block: nn.Module) -> list[Place]:
    found = places([copy])
    return [found[f"blocks.{number}.{name}"] for name, _ in block.named_parameters()]


def left_in(folder: Path) -> list[str]:
    """What lies in the folder of copies, but for the lock, which stays."""
    return sorted(file.name for file in folder.iterdir() if file.name != ".prepare.lock")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_every_tensor_is_what_loading_the_checkpoint_would_give(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str], dtype: torch.dtype
) -> None:
    made = finish(prepare(checkpoint, folder, dtype, fingerprint))
    assert made is not None and made.name == f"dit-{prepared._KINDS[str(dtype)]}.safetensors"
    copied = {name: tensor for name, tensor in load_file(made).items() if not name.startswith(PAD)}
    original = dict(weights.read(checkpoint.dit_files))
    assert copied.keys() == original.keys() == places([made]).keys()
    for name, tensor in original.items():
        wanted = tensor.to(weights.computed_in(name, dtype, WanDiT.FLOAT32))
        assert copied[name].dtype == wanted.dtype and copied[name].shape == wanted.shape, name
        assert copied[name].view(torch.uint8).equal(wanted.view(torch.uint8)), name


def test_a_tensor_longer_than_what_is_converted_at_once_is_whole(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = finish(prepare(checkpoint, folder / "1", BF16, fingerprint))
    monkeypatch.setattr(prepared, "_CHUNK", 1000)
    pieces = finish(prepare(checkpoint, folder / "2", BF16, fingerprint))
    assert whole and pieces and whole.read_bytes() == pieces.read_bytes()


def test_a_block_lies_in_one_piece_in_the_order_of_its_module(checkpoint: Checkpoint, copy: Path) -> None:
    ends = []
    for number, block in enumerate(model(checkpoint).blocks):
        found = block_places(copy, number, block)
        assert found[0].offset % prepared.ALIGNED == 0
        for before, after in pairwise(found):
            assert before.offset + before.nbytes == after.offset
        ends.append((found[0].offset, found[-1].offset + found[-1].nbytes))
    assert ends == sorted(ends)
    assert min(place.offset for place in places([copy]).values()) == ends[0][0]


def test_a_block_is_read_by_one_call_into_memory_that_is_there(
    checkpoint: Checkpoint, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = model(checkpoint).blocks[1]
    found = block_places(copy, 1, block)
    buffer = torch.zeros(sum(place.nbytes for place in found), dtype=torch.uint8)
    calls = []

    def counted(file: FileIO, offset: int, piece: memoryview) -> int:
        calls.append(offset)
        return read_at(file, offset, piece)

    read_at = places_module._read_at
    monkeypatch.setattr(places_module, "_read_at", counted)
    with Reader() as reader:
        reader.read_into(found, buffer.numpy().data)
    original = load_file(copy)
    start = 0
    for (name, _), place in zip(block.named_parameters(), found, strict=True):
        tensor = original[f"blocks.1.{name}"]
        assert buffer[start : start + place.nbytes].view(tensor.dtype).equal(tensor.flatten()), name
        start += place.nbytes
    assert len(calls) == 1


def test_places_far_apart_and_in_several_files_are_read_in_their_order(checkpoint: Checkpoint) -> None:
    found = places(checkpoint.dit_files)
    names = sorted(found, reverse=True)
    buffer = bytearray(sum(found[name].nbytes for name in names))
    with Reader() as reader:
        reader.read_into([found[name] for name in names], memoryview(buffer))
    original = dict(weights.read(checkpoint.dit_files))
    assert buffer == b"".join(original[name].numpy().tobytes() for name in names)


def test_a_system_without_preadv_reads_the_same(
    checkpoint: Checkpoint, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = block_places(copy, 0, model(checkpoint).blocks[0])
    with Reader() as reader:
        one = bytearray(sum(place.nbytes for place in found))
        reader.read_into(found, memoryview(one))
        monkeypatch.delattr(os, "preadv", raising=False)
        other = bytearray(len(one))
        reader.read_into(found, memoryview(other))
    assert one == other != bytes(len(one))


def test_a_copy_that_became_shorter_is_told_with_its_bytes(checkpoint: Checkpoint, copy: Path) -> None:
    found = block_places(copy, 1, model(checkpoint).blocks[1])
    buffer = memoryview(bytearray(sum(place.nbytes for place in found)))
    with Reader() as reader:
        reader.read_into(found, buffer)
        os.truncate(copy, found[3].offset + 1)
        with pytest.raises(ModelCorrupt, match=f"{found[3].offset + 1:,} bytes of"):
            reader.read_into(found, buffer)
    copy.unlink()
    with Reader() as reader, pytest.raises(ModelCorrupt, match="cannot be read: No such file"):
        reader.read_into(found, buffer)


def test_a_buffer_of_another_size_than_what_is_read_is_a_mistake(copy: Path) -> None:
    place = next(iter(places([copy]).values()))
    with Reader() as reader:
        for size in (place.nbytes - 1, place.nbytes + 1):
            with pytest.raises(ValueError, match="buffer"):
                reader.read_into([place], memoryview(bytearray(size)))


def test_other_readers_of_safetensors_open_a_copy(copy: Path) -> None:
    with safe_open(copy, framework="pt") as file:
        assert file.metadata()["format"] == "pt"
        assert file.get_tensor("blocks.0.ffn.0.weight").dtype == BF16
        assert file.get_tensor("head.modulation").dtype == torch.float32
    with safe_open(copy, framework="np") as file:
        assert file.get_slice("blocks.1.norm3.weight")[:3].tolist() == [1, 1, 1]


def test_a_copy_is_found_by_its_checkpoint_and_not_made_twice(
    checkpoint: Checkpoint, folder: Path, copy: Path, fingerprint: dict[str, str]
) -> None:
    assert find_prepared(folder, fingerprint, BF16) == copy
    before = copy.stat().st_mtime_ns
    assert list(prepare(checkpoint, folder, BF16, fingerprint)) == []
    assert copy.stat().st_mtime_ns == before and left_in(folder) == [copy.name]
    room = room_for(checkpoint, BF16)
    assert room < copy.stat().st_size <= room + 2**20


def test_a_copy_of_another_checkpoint_or_in_another_dtype_is_ignored_and_replaced(
    checkpoint: Checkpoint, folder: Path, copy: Path, fingerprint: dict[str, str]
) -> None:
    other = {**fingerprint, SHARD: "0" * 64}
    assert find_prepared(folder, other, BF16) is None
    assert find_prepared(folder, fingerprint, torch.float16) is None
    shutil.copy(copy, folder / "dit-fp16.safetensors")
    assert find_prepared(folder, fingerprint, torch.float16) is None
    assert finish(prepare(checkpoint, folder, BF16, other)) == copy
    assert find_prepared(folder, fingerprint, BF16) is None
    assert find_prepared(folder, other, BF16) == copy


def test_a_copy_in_an_older_layout_is_ignored(
    folder: Path, copy: Path, fingerprint: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "LAYOUT", "next")
    assert find_prepared(folder, fingerprint, BF16) is None


@pytest.mark.parametrize("kept", [0, 7, 5000, -1])
def test_a_torn_copy_is_ignored_and_made_again(
    checkpoint: Checkpoint, folder: Path, copy: Path, fingerprint: dict[str, str], kept: int
) -> None:
    whole = copy.read_bytes()
    copy.write_bytes(whole[:kept])
    assert find_prepared(folder, fingerprint, BF16) is None
    assert finish(prepare(checkpoint, folder, BF16, fingerprint)) == copy
    assert copy.read_bytes() == whole


def test_any_safetensors_file_under_the_name_of_a_copy_is_ignored(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str]
) -> None:
    folder.mkdir()
    shutil.copy(checkpoint.dit_files[0], folder / "dit-bf16.safetensors")
    assert find_prepared(folder, fingerprint, BF16) is None


def test_closing_removes_what_there_is(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str]
) -> None:
    making = prepare(checkpoint, folder, BF16, fingerprint)
    steps = [next(making) for _ in range(9)]
    assert steps[-1].step == 9 < steps[-1].steps and len(left_in(folder)) == 1
    assert find_prepared(folder, fingerprint, BF16) is None
    making.close()
    assert left_in(folder) == []


def test_a_second_one_leaves_the_first_alone(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str]
) -> None:
    first = prepare(checkpoint, folder, BF16, fingerprint)
    next(first)
    assert finish(prepare(checkpoint, folder, BF16, fingerprint)) is None
    assert forget(folder) == 0
    made = finish(first)
    assert made is not None and finish(prepare(checkpoint, folder, BF16, fingerprint)) == made


def test_a_kill_midway_leaves_nothing_under_the_name_and_the_next_one_clears_up(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str]
) -> None:
    code = """
import sys, time
from pathlib import Path
import torch
from wan_core.checkpoint import inspect
from wan_core.prepared import prepare
checkpoint = inspect(Path(sys.argv[1]))
for event in prepare(checkpoint, Path(sys.argv[2]), torch.bfloat16, checkpoint.fingerprint()):
    if event.step == event.steps:  # all is written, nothing has its name yet
        print("now", flush=True)
        time.sleep(600)
"""
    command = [sys.executable, "-c", code, str(checkpoint.root), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"now\n"
        assert (
            finish(prepare(checkpoint, folder, BF16, fingerprint)) is None
        )  # it lives, and is not disturbed
        assert left_in(folder) == [".dit-bf16.safetensors.part"]
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        process.wait()
    assert left_in(folder) == [".dit-bf16.safetensors.part"]
    assert find_prepared(folder, fingerprint, BF16) is None
    made = finish(prepare(checkpoint, folder, torch.float16, fingerprint))
    assert made is not None and left_in(folder) == [made.name]


def test_without_room_for_it_and_2_gib_more_nothing_is_written(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = room_for(checkpoint, BF16)
    usage = shutil.disk_usage(folder.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=size + 2 * 2**30))
    assert list(prepare(checkpoint, folder, BF16, fingerprint)) == [] == left_in(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=size + 2 * 2**30 + 2**20))
    assert finish(prepare(checkpoint, folder, BF16, fingerprint)) is not None


def test_a_disk_that_fills_up_midway_leaves_nothing(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder.parent)
    with disks.small_disk(folder, kib=room_for(checkpoint, BF16) // 2048):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=2**50))
        making = prepare(checkpoint, folder, BF16, fingerprint)
        next(making)
        assert finish(making) is None
        assert left_in(folder) == []


def test_a_folder_that_cannot_be_written_to_holds_no_copy(
    checkpoint: Checkpoint, folder: Path, fingerprint: dict[str, str]
) -> None:
    folder.mkdir()
    with disks.read_only(folder):
        assert finish(prepare(checkpoint, folder, BF16, fingerprint)) is None
        assert forget(folder) == 0
    folder.rmdir()
    folder.write_bytes(b"")  # a file where the folder should be
    assert finish(prepare(checkpoint, folder, BF16, fingerprint)) is None


def test_forgetting_tells_the_bytes_that_came_free(
    checkpoint: Checkpoint, folder: Path, copy: Path, fingerprint: dict[str, str]
) -> None:
    other = finish(prepare(checkpoint, folder, torch.float16, fingerprint))
    assert other is not None
    (folder / ".dit-bf16.safetensors.part").write_bytes(bytes(1000))
    (folder / "mine.safetensors").write_bytes(b"")
    sizes = [copy.stat().st_size, other.stat().st_size, 1000]
    assert forget(folder) == sum(sizes)
    assert left_in(folder) == ["mine.safetensors"]
    assert forget(folder) == forget(folder / "none") == 0


def test_weights_that_are_no_model_are_told_before_anything_is_written(
    checkpoint_folder: Path, folder: Path, tmp_path: Path
) -> None:
    broken = Path(shutil.copytree(checkpoint_folder, tmp_path / "broken"))
    checkpoint = inspect(broken)
    shard = next(file for file in checkpoint.dit_files if "head.modulation" not in header(file).places)
    shutil.copy(next(file for file in checkpoint.dit_files if file != shard), shard)
    with pytest.raises(ModelCorrupt, match="lacks"):
        finish(prepare(checkpoint, folder, BF16, checkpoint.fingerprint()))
    assert not folder.exists()


def tampered(file: Path, change: Any) -> Path:
    """`file`, its header run through `change`, its data as long as before."""
    whole = file.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    entries = json.loads(whole[8 : 8 + length])
    change(entries)
    text = json.dumps(entries).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + whole[8 + length :])
    return file


def over_another(entries: dict[str, Any]) -> None:
    entries["blocks.0.ffn.0.weight"]["data_offsets"] = entries["blocks.1.ffn.0.weight"]["data_offsets"]


@pytest.mark.parametrize(
    "change",
    [
        over_another,
        lambda entries: entries.pop("blocks.0.ffn.0.weight"),
        lambda entries: entries["blocks.0.ffn.0.weight"].update(dtype="F64"),
        lambda entries: entries["blocks.0.ffn.0.weight"].update(dtype=3),
        lambda entries: entries["blocks.0.ffn.0.weight"].update(shape=[-96, -64]),
        lambda entries: entries["blocks.0.ffn.0.weight"].update(shape=[96.0, 64]),
        lambda entries: entries["blocks.0.ffn.0.weight"].update(shape=[1] * 1000 + [96, 64]),
        lambda entries: entries["blocks.0.ffn.0.weight"].update(data_offsets=[10, 0]),
        lambda entries: entries["blocks.0.ffn.0.weight"].update(data_offsets=[0, 10**400]),
        lambda entries: entries.update(__metadata__=[1]),
    ],
)
def test_a_header_that_lies_about_its_tensors_is_torn(copy: Path, change: Any) -> None:
    with pytest.raises(ModelCorrupt, match="torn"):
        places([tampered(copy, change)])


def test_finding_and_forgetting_take_no_torch(folder: Path, copy: Path) -> None:
    code = """
import sys
from pathlib import Path
from wan_core import places, prepared
assert prepared.forget(Path(sys.argv[1])) > 0
assert not {"torch", "numpy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True)


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system does not say what memory is of"
)
def test_making_a_copy_takes_less_memory_than_its_largest_tensor(tmp_path: Path, folder: Path) -> None:
    code = """
import sys, threading, time
from pathlib import Path
import torch
from benchmarks.official import SMALL, write
from wan_core.checkpoint import inspect
from wan_core.events import finish
from wan_core.prepared import prepare

def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) // 1024

def watch():
    while True:
        seen.append(anonymous())
        time.sleep(0.002)

sizes = SMALL._replace(dit={**SMALL.dit, "dim": 512, "ffn_dim": 16384, "num_heads": 4, "num_layers": 2})
checkpoint = inspect(write(Path(sys.argv[1]), sizes))
fingerprint = checkpoint.fingerprint()
finish(prepare(checkpoint, Path(sys.argv[2]), torch.float16, fingerprint))  # what is loaded only once
seen = [anonymous()]
threading.Thread(target=watch, daemon=True).start()
made = finish(prepare(checkpoint, Path(sys.argv[2]), torch.bfloat16, fingerprint))
print(max(seen) - seen[0], made.stat().st_size // 2**20)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "model"), str(folder)]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    grown, size = map(int, told.stdout.split())  # MiB
    assert size > 64 and grown < 24  # the largest tensor has 32 in float32


def test_the_made_up_folder_of_the_benchmarks_is_laid_out_as_the_official_one(tmp_path: Path) -> None:
    checkpoint = inspect(write(tmp_path / "official", SMALL))
    assert len(checkpoint.dit_files) == 3
    tensors = dict(weights.read(checkpoint.dit_files))
    weights.compare(model(checkpoint), tensors, checkpoint.root)
    assert tensors["blocks.3.norm3.weight"].eq(1).all()
    assert 0.9 < tensors["blocks.3.ffn.0.weight"].std() * 16 < 1.1  # 256 ** -0.5

    vae = dict(weights.read([checkpoint.vae_file]))
    config = VAEConfig.from_weights(vae)
    assert config == SMALL.vae
    weights.compare(weights.build(lambda: WanVAE22(config)), vae, checkpoint.vae_file)

    text = dict(weights.read([checkpoint.text_file]))
    assert text.keys() == official_names(SMALL.text.num_layers).keys()
    assert {tensor.dtype for tensor in text.values()} == {BF16}
    assert len({tensor.untyped_storage().data_ptr() for tensor in text.values()}) == len(text)
    assert all(tensor.isfinite().all() for tensor in (*vae.values(), *text.values()))
