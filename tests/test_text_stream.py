"""The text encoder where memory is short: layer after layer from disk, and embeddings kept on disk."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from tests.pieces import LONG, write_json
from wan_core import weights as disk
from wan_core.events import finish
from wan_core.text import stream
from wan_core.text.cache import EmbeddingCache
from wan_core.text.stream import Layers
from wan_core.text.umt5 import TextEncoder, build_encoder, load_text_encoder

PROMPTS = ["a red boat", "", "밤 호수 a boat red red red"]
TINY = Path(__file__).parent / "golden" / "t5" / "weights.safetensors"
DTYPES = [torch.float32, torch.bfloat16, torch.float16]


@pytest.fixture
def weights() -> dict[str, Tensor]:
    """A tiny encoder's tensors, by their official names: 300 words, 32 wide."""
    return load_file(TINY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tokenizer."""
    write_json(tmp_path)
    return tmp_path


@pytest.fixture
def load(weights: dict[str, Tensor], folder: Path) -> Callable[..., TextEncoder]:
    """Loads the tiny encoder, streamed."""

    def load(tensors: dict[str, Tensor] = weights, *, dtype=torch.float32, **how) -> TextEncoder:
        return load_text_encoder(tensors, folder, 512, "cpu", dtype, **{"stream": True, **how})

    return load


def saved(weights: dict[str, Tensor], file: Path) -> dict[str, Tensor]:
    """The weights, mapped from `file` after they were written to it."""
    if file.suffix == ".pth":
        torch.save(weights, file)
    else:
        save_file(weights, file)
    return dict(disk.read([file]))


def of_large_sums(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same, but what a feed-forward multiplies and what it adds goes beyond 65,504."""
    grown = {"gate.0.weight": 300.0, "fc1.weight": 300.0, "fc2.weight": 5.0}
    return {name: tensor * grown.get(name.partition(".ffn.")[2], 1) for name, tensor in weights.items()}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("stored", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("file", ["text.pth", "text.safetensors"])
def test_streamed_or_kept_a_prompt_has_the_same_embeddings_bit_for_bit(
    weights: dict[str, Tensor], load, folder: Path, dtype: torch.dtype, stored: torch.dtype, file: str
) -> None:
    mapped = saved({name: tensor.to(stored) for name, tensor in weights.items()}, folder / file)
    streamed, kept = load(mapped, dtype=dtype), load(mapped, dtype=dtype, stream=False)
    for prompt in [*PROMPTS, LONG]:
        assert streamed.encode(prompt).dtype == dtype
        assert torch.equal(streamed.encode(prompt), kept.encode(prompt))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_layers_one_by_one_are_the_model_of_transformers_bit_for_bit(
    weights: dict[str, Tensor], load, dtype: torch.dtype
) -> None:
    model = build_encoder(weights, "cpu", dtype)
    text = load(dtype=dtype)
    for prompt in PROMPTS:
        with torch.inference_mode():
            whole = model(input_ids=torch.tensor([text._tokens(prompt)])).last_hidden_state[0]
        assert torch.equal(text.encode(prompt), whole)


@pytest.mark.parametrize("dtype", DTYPES)
def test_prompts_encoded_together_are_as_each_alone(load, dtype: torch.dtype) -> None:
    together = finish(load(dtype=dtype).encode_all([*PROMPTS, PROMPTS[0]]))
    alone = [load(dtype=dtype).encode(prompt) for prompt in PROMPTS]
    assert all(torch.equal(*pair) for pair in zip(together, alone, strict=False))
    assert together[3] is together[0]


def test_progress_counts_the_layers_and_a_known_prompt_has_none(load) -> None:
    text = load()
    assert list(text.encode_all(PROMPTS)) == list(range(1, text.layers + 1))
    assert list(text.encode_all(PROMPTS)) == []


def test_after_cancelling_midway_the_next_encode_is_right(load, tmp_path: Path) -> None:
    text = load(cache=tmp_path / "cache", fingerprint="one")
    started = text.encode_all(PROMPTS)
    next(started)
    started.close()
    assert not (tmp_path / "cache").exists()
    assert torch.equal(text.encode(PROMPTS[0]), load().encode(PROMPTS[0]))


def test_a_streamed_layer_that_has_its_dtype_is_used_where_it_lies(weights: dict[str, Tensor]) -> None:
    layers = Layers([{"q": weights["blocks.0.attn.q.weight"]}], torch.device("cpu"), {"q": torch.float32})
    assert next(layers.in_turn())["q"].data_ptr() == weights["blocks.0.attn.q.weight"].data_ptr()


class _Event:
    """As torch.cuda.Event, of streams that are threads."""

    def __init__(self) -> None:
        self.happened = threading.Event()
        self.happened.set()

    def record(self, queue: _Stream) -> None:
        self.happened = threading.Event()
        queue.do(self.happened.set)

    def synchronize(self) -> None:
        assert self.happened.wait(20)


class _Stream(TorchFunctionMode):
    """As torch.cuda.Stream, but a slow thread does its work; as a context, the copies not waited for."""

    def __init__(self, *_: object) -> None:
        super().__init__()
        self._thread = ThreadPoolExecutor(1)

    def do(self, work: Callable[[], object]) -> None:
        self._thread.submit(work)

    def record_event(self) -> _Event:
        event = _Event()
        event.record(self)
        return event

    def wait_event(self, event: _Event) -> None:
        happened = event.happened
        self.do(lambda: happened.wait(20))

    def synchronize(self) -> None:
        self.record_event().synchronize()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if (kwargs or {}).get("non_blocking"):
            self.do(partial(time.sleep, 0.0005))
            self.do(partial(function, *args))
            return args[0]
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("seconds", [0, 0.01])  # a layer's arithmetic, faster and slower than its copies
def test_layers_arrive_whole_and_stay_until_their_arithmetic_is_done(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    compute, dtypes = _Stream(), {"q": torch.bfloat16, "norm": torch.float32}
    monkeypatch.setattr(torch.cuda, "Stream", _Stream)
    monkeypatch.setattr(torch.cuda, "Event", _Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: compute)
    monkeypatch.setattr(torch.cuda, "stream", lambda queue: queue)
    monkeypatch.setattr(stream, "_PIECE", 64)  # bytes, so that "q" comes in two pieces
    monkeypatch.setattr(stream, "_pinned", lambda nbytes: torch.empty(nbytes, dtype=torch.uint8))
    waiting = [{"q": torch.randn(7, 9).T, "norm": torch.randn(3)} for _ in range(12)]
    right: list[bool] = []

    def use(layer: dict[str, Tensor], sent: dict[str, Tensor]) -> None:
        for pause in (0, seconds):
            time.sleep(pause)
            right.append(all(torch.equal(layer[name], sent[name].to(dtypes[name])) for name in sent))

    for layer, sent in zip(Layers(waiting, torch.device("cpu"), dtypes)._carried(), waiting, strict=True):
        compute.do(partial(use, dict(layer), sent))
    assert layer == {}  # given back
    compute.synchronize()
    assert right == [True] * 24


def test_float16_stays_finite_and_close_where_plain_float16_would_not(
    weights: dict[str, Tensor], load
) -> None:
    large = of_large_sums(weights)
    ids = torch.tensor([load()._tokens(PROMPTS[0])])
    exact, plain = build_encoder(large, "cpu", torch.float32), build_encoder(large, "cpu", torch.float32)
    reached: list[Tensor] = []
    feed_forward = exact.get_submodule("encoder.block.0.layer.1.DenseReluDense.wo")
    feed_forward.register_forward_hook(lambda _, given, out: reached.extend([given[0], out]))
    right, wrong = (model(input_ids=ids).last_hidden_state for model in (exact, plain.half()))
    assert all(values.abs().max() > 65_504 for values in reached)
    assert not (wrong.float() - right).norm() < 0.1 * right.norm()

    for streamed in (True, False):
        for prompt in PROMPTS:
            wanted = load(large).encode(prompt)
            found = load(large, dtype=torch.float16, stream=streamed).encode(prompt)
            assert found.dtype == torch.float16 and found.isfinite().all()
            assert (found.float() - wanted).norm() < 2e-2 * wanted.norm()


def test_in_float16_only_the_second_half_of_feed_forwards_is_kept_in_float32(
    weights: dict[str, Tensor],
) -> None:
    for name, parameter in build_encoder(weights, "cpu", torch.float16).named_parameters():
        assert parameter.dtype == (torch.float32 if name.endswith(".wo.weight") else torch.float16), name


def without_content(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors that say their shapes and hold nothing, but for a norm."""
    return {
        name: tensor if name == "norm.weight" else torch.empty_like(tensor, device="meta")
        for name, tensor in weights.items()
    }


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_prompt_that_was_kept_on_disk_needs_no_weights(
    weights: dict[str, Tensor], load, tmp_path: Path, dtype: torch.dtype
) -> None:
    how = {"cache": tmp_path / "cache", "fingerprint": "one", "dtype": dtype}
    first = finish(load(**how).encode_all(PROMPTS))
    again = finish(load(without_content(weights), **how).encode_all(PROMPTS))
    assert all(torch.equal(*pair) for pair in zip(first, again, strict=True))
    assert {embeddings.dtype for embeddings in again} == {dtype}


def test_what_was_kept_on_disk_is_found_by_another_process(load, folder: Path) -> None:
    cache = folder / "cache"
    load(cache=cache, fingerprint="one").encode("a red boat")
    before = {file.name: file.read_bytes() for file in cache.iterdir()}
    code = """if True:
        import sys, torch
        from pathlib import Path
        from safetensors.torch import load_file
        from tests.test_text_stream import TINY, without_content
        from wan_core.text.umt5 import load_text_encoder
        weights, folder, cache = without_content(load_file(TINY)), Path(sys.argv[1]), Path(sys.argv[2])
        text = load_text_encoder(
            weights, folder, 512, "cpu", torch.float32, stream=True, cache=cache, fingerprint="one"
        )
        assert text.encode("a  red boat").isfinite().all()
        """
    subprocess.run([sys.executable, "-c", code, folder, cache], check=True, cwd=Path(__file__).parents[1])
    assert {file.name: file.read_bytes() for file in cache.iterdir()} == before


def test_another_checkpoint_tokens_or_dtype_has_embeddings_of_its_own(
    weights: dict[str, Tensor], load, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    load(cache=cache, fingerprint="one").encode("a red boat")
    other = {name: tensor * 1.1 for name, tensor in weights.items()}
    found = load(other, cache=cache, fingerprint="other").encode("a red boat")
    assert torch.equal(found, load(other).encode("a red boat"))
    load(cache=cache, fingerprint="one", dtype=torch.bfloat16).encode("a red boat")
    load(cache=cache, fingerprint="one").encode("a boat")
    assert len(list(cache.iterdir())) == 4


def test_a_cache_without_a_fingerprint_is_refused(load, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        load(cache=tmp_path / "cache")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def _zeroed(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:-64] + bytes(64))


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _foreign(file: Path) -> None:
    save_file({"words": torch.zeros(4, 32), "more": torch.zeros(1)}, file)


def _renamed(file: Path) -> None:
    cache = EmbeddingCache(file.parent, "something else")
    cache.put([1], torch.zeros(4, 32))
    cache._path([1]).replace(file)


@pytest.mark.parametrize("harm", [_cut, _zeroed, _empty, _foreign, _renamed])
def test_a_torn_or_foreign_cache_file_is_replaced(load, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    cache = tmp_path / "cache"
    right = load(cache=cache, fingerprint="one").encode("a red boat")
    [file] = cache.iterdir()
    whole = file.read_bytes()
    harm(file)
    assert torch.equal(load(cache=cache, fingerprint="one").encode("a red boat"), right)
    assert [each.read_bytes() for each in cache.iterdir()] == [whole]


def test_the_cache_keeps_the_files_that_were_used_last_and_leaves_strangers_alone(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, "one", most=3)
    (tmp_path / "notes.safetensors").touch()
    abandoned = cache._path([9]).with_suffix(".123.part")
    abandoned.touch()
    os.utime(abandoned, (1, 1))
    for number in range(3):
        cache.put([number], torch.full((1, 2), float(number)))
        os.utime(cache._path([number]), (100 + number, 100 + number))
    assert cache.get([0]) is not None
    cache.put([3], torch.zeros(1, 2))
    assert [cache.get([number]) is not None for number in range(4)] == [True, False, True, True]
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("full", [True, False])
def test_a_disk_that_takes_nothing_costs_only_the_keeping(
    load, tmp_path: Path, full: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache = tmp_path / "cache"
    if full:

        def no_space(file: Path, content: bytes) -> None:
            file.open("wb").close()
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", no_space)
    else:
        cache.write_text("a file, not a folder")
    with caplog.at_level(logging.WARNING):
        found = finish(load(cache=cache, fingerprint="one").encode_all(PROMPTS))
    assert torch.equal(found[0], load().encode(PROMPTS[0]))
    assert len(caplog.records) == 1 and str(cache) in caplog.text
    assert not full or list(cache.iterdir()) == []


# A process that encodes from a file and says by how much its own memory grew, in layers as computed.
MEASURE = """
import re, sys, torch
from pathlib import Path
from wan_core import weights
from wan_core.text.umt5 import load_text_encoder
file, folder, dtype = Path(sys.argv[1]), Path(sys.argv[2]), getattr(torch, sys.argv[3])

def anonymous():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

def load(file):
    return load_text_encoder(dict(weights.read([file])), folder, 512, "cpu", dtype, stream=True)

list(load(Path(sys.argv[4])).encode_all(["a"]))  # what libraries take for themselves
before = most = anonymous()
text = load(file)
for _ in text.encode_all(["a red boat", "a boat"]):
    most = max(most, anonymous())
layer = sum(tensor.numel() for tensor in text._layers._waiting[0].values()) * dtype.itemsize
print((most - before) / layer)
"""


def random_weights(
    width: int, layers: int, words: int, dtype: torch.dtype, heads: int = 16
) -> dict[str, Tensor]:
    inner = width * 5 // 2
    tensors = {"token_embedding.weight": torch.empty(words, width, dtype=dtype).normal_()}
    tensors["norm.weight"] = torch.ones(width, dtype=dtype)
    for layer in range(layers):
        block = {f"attn.{part}.weight": (width, width) for part in "qkvo"}
        block |= {"ffn.gate.0.weight": (inner, width), "ffn.fc1.weight": (inner, width)}
        block |= {"ffn.fc2.weight": (width, inner), "pos_embedding.embedding.weight": (32, heads)}
        for name, shape in block.items():
            tensors[f"blocks.{layer}.{name}"] = torch.empty(shape, dtype=dtype).normal_(std=shape[1] ** -0.5)
        for name in ("norm1.weight", "norm2.weight"):
            tensors[f"blocks.{layer}.{name}"] = torch.ones(width, dtype=dtype)
    return tensors


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here")
@pytest.mark.parametrize(("dtype", "most"), [("bfloat16", 1), ("float32", 3)])  # in the file: bfloat16
def test_streaming_takes_the_memory_of_a_few_layers_at_most(folder: Path, dtype: str, most: float) -> None:
    torch.save(random_weights(1024, 8, 50_000, torch.bfloat16), folder / "text.pth")
    torch.save(random_weights(64, 2, 300, torch.bfloat16), folder / "tiny.pth")
    found = subprocess.run(
        [sys.executable, "-c", MEASURE, folder / "text.pth", folder, dtype, folder / "tiny.pth"],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert float(found.stdout) < most


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")
@pytest.mark.parametrize(("dtype", "most"), list(zip(DTYPES, (2.0, 1.5, 1.5), strict=True)))
def test_a_gpu_streams_layers_of_the_largest_encoder_through_little_memory(
    folder: Path, dtype: torch.dtype, most: float
) -> None:
    weights = random_weights(4096, 4, 300, torch.bfloat16, heads=64)
    kept = finish(load_text_encoder(weights, folder, 512, "cuda", dtype).encode_all([LONG, *PROMPTS]))
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()

    text = load_text_encoder(weights, folder, 512, "cuda", dtype, stream=True)
    found = finish(text.encode_all([LONG, *PROMPTS]))
    assert torch.cuda.max_memory_allocated() - before < most * 2**30
    assert all(torch.equal(*pair) for pair in zip(found, kept, strict=True))

    stopped = load_text_encoder(weights, folder, 512, "cuda", dtype, stream=True)
    started = stopped.encode_all([LONG])
    next(started)
    started.close()
    assert torch.equal(stopped.encode(LONG), kept[0])
    assert torch.cuda.memory_allocated() - before < 64 * 2**20
