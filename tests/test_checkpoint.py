"""What a folder holds is read from its headers; what is torn or missing is said before anything runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from wan_core.checkpoint import inspect
from wan_core.errors import ModelCorrupt, ModelMissing, WanError
from wan_core.events import finish
from wan_core.loading import load

INDEX = "diffusion_pytorch_model.safetensors.index.json"
SHARD = "diffusion_pytorch_model-00002-of-00003.safetensors"


@pytest.fixture
def folder(checkpoint_folder: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(checkpoint_folder, tmp_path / "모델 🎬"))


def test_an_official_folder_says_what_it_is_without_torch(checkpoint_folder: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from wan_core.checkpoint import inspect
found = inspect(Path({str(checkpoint_folder)!r}))
print(found.variant.kind, len(found.dit_files), found.config["text_dim"], found.variant.defaults.frames)
assert not {{"torch", "numpy", "transformers"}} & set(sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["ti2v", "3", "32", "121"]


def test_the_count_of_shards_is_read_from_the_index_not_assumed(folder: Path) -> None:
    tensors = {k: v for file in folder.glob("diffusion*.safetensors") for k, v in load_file(file).items()}
    for file in folder.glob("diffusion*"):
        file.unlink()
    save_file(tensors, folder / "diffusion_pytorch_model.safetensors")
    assert len(inspect(folder).dit_files) == 1


def test_a_torn_shard_is_told_with_its_bytes(folder: Path) -> None:
    whole = (folder / SHARD).read_bytes()
    (folder / SHARD).write_bytes(whole[:-100])
    with pytest.raises(ModelCorrupt, match=f"{len(whole) - 100:,} bytes of {len(whole):,}"):
        inspect(folder)


@pytest.mark.parametrize("junk", [b"", b"\x00" * 4, b"\xff" * 64, (2).to_bytes(8, "little") + b"{]"])
def test_a_shard_that_is_no_safetensors_file_is_told(folder: Path, junk: bytes) -> None:
    (folder / SHARD).write_bytes(junk)
    with pytest.raises(ModelCorrupt, match="torn"):
        inspect(folder)


@pytest.mark.parametrize(
    "name", [SHARD, "Wan2.2_VAE.pth", "models_t5_umt5-xxl-enc-bf16.pth", "google/umt5-xxl", "config.json"]
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    path = folder / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ModelMissing, match=path.name):
        inspect(folder)


@pytest.mark.parametrize("name", ["Wan2.2_VAE.pth", "models_t5_umt5-xxl-enc-bf16.pth"])
def test_a_torn_pth_is_told_before_anything_is_loaded(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-500])
    with pytest.raises(ModelCorrupt, match="torn"):
        inspect(folder)


def test_a_pth_cannot_run_code(folder: Path) -> None:
    proof = folder / "ran"
    torch.save({"x": _Trap(proof)}, folder / "Wan2.2_VAE.pth")
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        finish(load(inspect(folder)))
    assert not proof.exists()


class _Trap:
    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (f"open({str(self.proof)!r}, 'w').close()",)


@pytest.mark.parametrize("name", ["../config.json", "/etc/passwd", ".hidden", 7])
def test_an_index_cannot_name_a_file_outside_its_folder(folder: Path, name: object) -> None:
    (folder / INDEX).write_text(json.dumps({"weight_map": {"head.head.bias": name}}))
    with pytest.raises(ModelCorrupt, match="outside its folder"):
        inspect(folder)


def test_a_config_that_does_not_fit_the_weights_is_told(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_layers": 30}))
    with pytest.raises(ModelCorrupt, match=r"\[64, 48, 30\].*\[64, 48, 2\]"):
        inspect(folder)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda f: (f / "model_index.json").write_text("{}"), "diffusers"),
        (lambda f: (f / "high_noise_model").mkdir(), "A14B"),
        (lambda f: (f / "a.txt").write_text(""), "no model"),
    ],
)
def test_another_layout_is_called_by_its_name(tmp_path: Path, make: object, words: str) -> None:
    assert callable(make)
    make(tmp_path)
    with pytest.raises(ModelMissing, match=words):
        inspect(tmp_path)


def test_a_tensor_too_many_or_too_few_is_named(folder: Path) -> None:
    tensors = load_file(folder / SHARD)
    name, tensor = next(iter(tensors.items()))
    save_file({**tensors, "blocks.0.attn3.q.weight": torch.zeros(2, 2)}, folder / SHARD)
    with pytest.raises(ModelCorrupt, match=r"blocks\.0\.attn3"):
        finish(load(inspect(folder)))
    save_file({k: v for k, v in tensors.items() if k != name}, folder / SHARD)
    with pytest.raises(ModelCorrupt, match="lacks 1 tensors"):
        finish(load(inspect(folder)))
    save_file({**tensors, name: tensor.flatten()}, folder / SHARD)
    with pytest.raises(WanError):
        finish(load(inspect(folder)))


def test_the_fingerprint_follows_the_bytes(folder: Path) -> None:
    before = inspect(folder).fingerprint()
    tensors = load_file(folder / SHARD)
    name = next(iter(tensors))
    save_file({**tensors, name: tensors[name] + 1}, folder / SHARD)
    after = inspect(folder).fingerprint()
    assert {key for key in before if before[key] != after[key]} == {SHARD}
