"""What a folder on disk holds, read without torch: configs, and the headers of its files."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from wan_core.errors import ModelCorrupt, ModelMissing
from wan_core.places import AGAIN as AGAIN  # said here of other files, too
from wan_core.places import header, places, torn
from wan_core.vae_memory import VAEShape
from wan_core.variants import TI2V_5B, Defaults, Variant

_OFFICIAL_ONE = "Choose the official Wan2.2-TI2V-5B folder."
LARGEST_TEXT = 10 * 2**20  # bytes of a config or an index; more is not read
SAMPLES, SAMPLE = 64, 2**20  # a large file's fingerprint reads 64 pieces of 1 MiB
WHOLE = 256 * 2**20  # bytes; files up to this are hashed whole
WORTH_A_COPY = 2**30  # bytes of a DiT from which on a prepared copy is made


class OwnVAE(VAEShape, frozen=True, kw_only=True, rename={"time_down": "temperal_downsample"}):
    """A model's own VAE: its widths, and mean and standard deviation of each latent channel."""

    latent_mean: tuple[float, ...]
    latent_std: tuple[float, ...]


class Card(Struct, frozen=True, kw_only=True):
    """Our own model.json: what an official config does not say."""

    name: str
    defaults: Defaults
    sizes: tuple[tuple[int, int], ...]
    vae: OwnVAE
    note: dict[str, str] = {}  # by language: what the model is and is not
    max_frames: int = 97
    max_side: int = 512


class Names(NamedTuple):
    """What the parts beside the diffusion model are called in a folder."""

    text: str
    vae: str
    tokenizer: str


OFFICIAL = Names("models_t5_umt5-xxl-enc-bf16.pth", "Wan2.2_VAE.pth", "google/umt5-xxl")
OURS = Names("text_encoder.safetensors", "vae.safetensors", "tokenizer")


class Checkpoint(Struct, frozen=True, kw_only=True):
    """A model on disk: which files, which dimensions, which defaults."""

    root: Path
    name: str
    variant: Variant
    config: dict[str, Any]  # of the DiT
    dit_files: tuple[Path, ...]
    text_file: Path
    vae_file: Path
    tokenizer: Path
    own_vae: OwnVAE | None = None
    note: dict[str, str] = {}

    @property
    def vae(self) -> VAEShape:
        """The dimensions of its VAE: its own, else the official one's."""
        return self.own_vae or VAEShape()

    @property
    def worth_a_copy(self) -> bool:
        """Whether the DiT is so large that a prepared copy of it is made (`wan_core.prepared`)."""
        return sum(file.stat().st_size for file in self.dit_files) >= WORTH_A_COPY

    @property
    def weights(self) -> tuple[Path, ...]:
        """Every file of weights."""
        return (*self.dit_files, self.text_file, self.vae_file)

    def size(self) -> int:
        """Bytes of its files."""
        files = (*self.weights, *self.tokenizer.iterdir())
        return sum(file.stat().st_size for file in files)

    def fingerprint(self) -> dict[str, str]:
        """sha256 of each weights file by its name; of a sample of it where it is larger than 256 MiB."""
        return {file.name: _fingerprint(file) for file in self.weights}


def inspect(folder: Path) -> Checkpoint:
    """The checkpoint in `folder`: the official TI2V-5B layout, or ours, which is the same but smaller.

    Raises ModelMissing where there is none or a file is absent, ModelCorrupt where a file is torn.
    """
    if not folder.is_dir():
        raise ModelMissing(
            f"There is no folder {folder}.",
            "Choose the folder that holds the model.",
            case="no_model_folder",
            folder=folder.name,
        )
    config = _config(folder)
    files = _dit_files(folder)
    config = _checked(folder, config, {name: place.shape for name, place in places(files).items()})
    ours = folder / "model.json"
    card: Card | None = _read(ours, Card) if ours.is_file() else None
    names = OFFICIAL if card is None else OURS
    return Checkpoint(
        root=folder,
        name=folder.name if card is None else card.name,
        variant=TI2V_5B if card is None else _variant(card),
        config=config,
        dit_files=files,
        text_file=_whole(_there(folder, names.text)),
        vae_file=_whole(_there(folder, names.vae)),
        tokenizer=_there(folder, names.tokenizer),
        own_vae=None if card is None else card.vae,
        note={} if card is None else card.note,
    )


def _variant(card: Card) -> Variant:
    return msgspec.structs.replace(
        TI2V_5B,
        name=card.name,
        defaults=card.defaults,
        sizes=card.sizes,
        max_frames=card.max_frames,
        max_side=card.max_side,
    )


def _config(folder: Path) -> dict[str, Any]:
    if not (folder / "config.json").is_file():
        if (folder / "model_index.json").is_file():
            raise ModelMissing(
                f"{folder} is laid out for diffusers, which this version does not read yet.",
                _OFFICIAL_ONE,
                case="diffusers_layout",
                folder=folder.name,
            )
        if (folder / "high_noise_model").is_dir():
            raise ModelMissing(
                f"{folder} holds an A14B model, which this version does not run yet.",
                _OFFICIAL_ONE,
                case="a14b_model",
                folder=folder.name,
            )
        raise ModelMissing(
            f"{folder} holds no model: there is no config.json in it.",
            "Choose the folder that holds config.json and the .safetensors files, such as Wan2.2-TI2V-5B.",
            case="no_model_in_folder",
            folder=folder.name,
        )
    config = _read(folder / "config.json", dict[str, Any])
    kind = config.get("model_type")
    if kind != "ti2v":
        raise ModelMissing(
            f"{folder} holds a model of the kind {str(kind)[:40]!r}; this version runs 'ti2v'.",
            _OFFICIAL_ONE,
            case="other_kind",
            folder=folder.name,
            kind=str(kind)[:40],
        )
    return config


def _dit_files(folder: Path) -> tuple[Path, ...]:
    """The DiT's shards as its index lists them, or its single file. The index is read, never guessed."""
    index = folder / "diffusion_pytorch_model.safetensors.index.json"
    if not index.is_file():
        return (_there(folder, "diffusion_pytorch_model.safetensors"),)
    names = _read(index, dict[str, Any]).get("weight_map")
    if not isinstance(names, dict) or not names:
        raise ModelCorrupt(f"{index} lists no files.", AGAIN, case="index_empty", file=index.name)
    for name in set(names.values()):
        if not isinstance(name, str) or Path(name).name != name or name.startswith("."):
            raise ModelCorrupt(
                f"{index} names a file outside its folder: {name!r}.",
                "Do not use this model.",
                case="index_outside",
                file=index.name,
                given=str(name)[:200],
            )
    return tuple(_there(folder, name) for name in sorted(set(names.values())))


def _checked(folder: Path, config: dict[str, Any], shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """`config` completed from the tensors, once the two agree."""
    patch, text = shapes.get("patch_embedding.weight"), shapes.get("text_embedding.0.weight")
    if patch is None or text is None or len(patch) != 5 or len(text) != 2:
        raise ModelCorrupt(
            f"{folder} holds no Wan diffusion model.",
            "Choose another folder.",
            case="not_wan",
            folder=folder.name,
        )
    try:
        stated = [config["dim"], config["in_dim"], config["num_layers"]]
    except KeyError as missing:
        raise ModelCorrupt(
            f"{folder / 'config.json'} does not say {missing}.",
            AGAIN,
            case="config_lacks",
            folder=folder.name,
            key=missing.args[0],
        ) from None
    blocks = len({key.split(".")[1] for key in shapes if key.startswith("blocks.")})
    found = [patch[0], patch[1], blocks]
    if stated != found:
        raise ModelCorrupt(
            f"{folder / 'config.json'} says dim, in_dim, num_layers = {stated}; the weights have {found}.",
            "Use the config.json that came with these weights.",
            case="config_differs",
            folder=folder.name,
            stated=str(stated),
            found=str(found),
        )
    return {**config, "text_dim": text[1]}


def _there(folder: Path, name: str) -> Path:
    path = folder / name
    if not (path.is_file() or path.is_dir()):  # a pipe or a device is not there either
        raise ModelMissing(
            f"{path} is not there.",
            "Download it into the same folder.",
            case="file_missing",
            folder=folder.name,
            file=name,
        )
    return path


def _whole(path: Path) -> Path:
    if path.suffix == ".pth" and not zipfile.is_zipfile(path):
        raise torn(path)
    if path.suffix == ".safetensors":
        header(path)
    return path


def _read(file: Path, kind: Any) -> Any:
    try:
        with file.open("rb") as stream:
            return msgspec.json.decode(stream.read(LARGEST_TEXT), type=kind)
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise ModelCorrupt(
            f"{file} cannot be read: {problem}.", AGAIN, case="model_file_unreadable", file=file.name
        ) from None


def _fingerprint(file: Path) -> str:
    size = file.stat().st_size
    digest = hashlib.sha256(size.to_bytes(8, "little"))
    with file.open("rb") as stream:
        if size <= WHOLE:
            while piece := stream.read(SAMPLE):
                digest.update(piece)
        else:
            for n in range(SAMPLES):
                stream.seek((size - SAMPLE) * n // (SAMPLES - 1))
                digest.update(stream.read(SAMPLE))
    return digest.hexdigest()
