"""Blocks that stay, wait in RAM or come from disk: the same numbers, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import torch
from torch import Tensor, nn

from wan_core.dit import block as dit_block
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.events import finish
from wan_core.stream import Blocks, Layout
from wan_core.weights import build, computed_in

CONFIG = DiTConfig(
    dim=48, ffn_dim=64, num_heads=2, num_layers=5, in_dim=48, out_dim=48, text_dim=16, text_len=8, freq_dim=32
)


@pytest.fixture(scope="module")
def whole() -> WanDiT:
    """A DiT whose weights are all there, as ever."""
    torch.manual_seed(5)
    dit = WanDiT(CONFIG).eval().requires_grad_(False)
    for parameter in dit.parameters():
        parameter.copy_(torch.randn_like(parameter) * 0.2)
    return dit


class Disk:
    """Fetches blocks out of a DiT's weights, and counts how often."""

    def __init__(self, dit: WanDiT, layout: Layout) -> None:
        self.weights, self.layout, self.fetched = dict(dit.named_parameters()), layout, 0
        self.broken = self.closed = False

    def fetch(self, i: int, buffer: Tensor) -> None:
        if self.broken:
            raise OSError("the disk is gone")
        self.fetched += 1
        for name, view in self.layout.views(buffer).items():
            view.copy_(self.weights[f"blocks.{i}.{name}"])

    def close(self) -> None:
        self.closed = True


def streamed(whole: WanDiT, pinned: bool) -> tuple[WanDiT, Blocks, Disk]:
    dit = build(lambda: WanDiT(CONFIG))
    for name, parameter in whole.named_parameters():
        if not name.startswith(WanDiT.BLOCKS):
            path, _, leaf = name.rpartition(".")
            dit.get_submodule(path)._parameters[leaf] = parameter
    layout = Layout.of(dit.blocks[0], lambda name: computed_in(name, torch.float32, WanDiT.FLOAT32))
    disk = Disk(whole, layout)
    dit.supply = blocks = Blocks(list(dit.blocks), layout, disk, torch.device("cpu"), pinned)
    return dit, blocks, disk


@pytest.fixture(params=[True, False], ids=["ram", "disk"])
def parts(whole: WanDiT, request: pytest.FixtureRequest) -> Iterator[tuple[WanDiT, Blocks, Disk]]:
    dit, blocks, disk = streamed(whole, request.param)
    yield dit, blocks, disk
    blocks.free()


@torch.inference_mode()
def velocity(dit: WanDiT, seed: int = 1) -> Tensor:
    torch.manual_seed(seed)
    x, text = torch.randn(2, 48, 3, 4, 6), torch.randn(2, 8, 48)
    return finish(dit.walk(x, torch.tensor([500.0, 500.0]), text))


@pytest.mark.parametrize("resident", [5, 4, 2, 1, 0])
def test_the_result_is_bit_identical_wherever_the_blocks_are(
    whole: WanDiT, parts: tuple[WanDiT, Blocks, Disk], resident: int
) -> None:
    dit, blocks, _ = parts
    assert list(blocks.settle(resident)) == [1, 2, 3, 4, 5]
    assert blocks.resident == resident
    for seed in (1, 2, 3):
        assert torch.equal(velocity(dit, seed), velocity(whole, seed))


def test_blocks_can_leave_the_device_and_come_back(whole: WanDiT, parts: tuple[WanDiT, Blocks, Disk]) -> None:
    dit, blocks, _ = parts
    for resident in (5, 1, 4, 0, 5, 3):
        finish(blocks.settle(resident))
        assert torch.equal(velocity(dit), velocity(whole))


@pytest.mark.parametrize("reached", [1, 2, 4])
@pytest.mark.parametrize(("before", "after"), [(5, 1), (1, 5), (3, 2)])
def test_moving_that_is_stopped_halfway_leaves_blocks_that_can_be_used(
    whole: WanDiT, parts: tuple[WanDiT, Blocks, Disk], before: int, after: int, reached: int
) -> None:
    dit, blocks, _ = parts
    finish(blocks.settle(before))
    with closing(blocks.settle(after)) as moving:
        for done in moving:
            if done == reached:
                break
    assert torch.equal(velocity(dit), velocity(whole))
    finish(blocks.settle(after))
    assert blocks.resident == after
    assert torch.equal(velocity(dit), velocity(whole))


def test_no_memory_of_the_way_it_was_is_held_when_blocks_move(parts: tuple[WanDiT, Blocks, Disk]) -> None:
    dit, blocks, _ = parts
    finish(blocks.settle(2))
    velocity(dit)
    finish(blocks.settle(1))
    assert sum(not p.is_meta for p in dit.blocks.parameters()) == len(list(dit.blocks[0].parameters()))


def test_resting_gives_back_what_blocks_pass_through(
    whole: WanDiT, parts: tuple[WanDiT, Blocks, Disk]
) -> None:
    dit, blocks, _ = parts
    finish(blocks.settle(2))
    first = velocity(dit)
    blocks.rest()
    away = [block for n, block in enumerate(blocks._blocks) if n not in blocks._resident]
    assert len(away) == 3 and all(p.is_meta for block in away for p in block.parameters())
    assert torch.equal(velocity(dit), first)


def test_what_waits_in_ram_is_read_from_disk_once(whole: WanDiT) -> None:
    dit, blocks, disk = streamed(whole, pinned=True)
    finish(blocks.settle(2))
    for _ in range(2):
        velocity(dit)
    assert disk.fetched == 5
    blocks.free()


def test_stopping_in_the_middle_of_a_walk_leaves_the_next_one_right(
    whole: WanDiT, parts: tuple[WanDiT, Blocks, Disk]
) -> None:
    dit, blocks, _ = parts
    finish(blocks.settle(1))
    for reached in (1, 2, 3, 4):
        walk = dit.walk(torch.randn(1, 48, 1, 4, 4), torch.tensor([1.0]), torch.randn(1, 8, 48))
        with closing(walk), torch.inference_mode():
            for done in walk:
                if done == reached:
                    break
        assert torch.equal(velocity(dit), velocity(whole))


def test_a_disk_that_fails_is_told_and_works_again_when_it_is_back(whole: WanDiT) -> None:
    dit, blocks, disk = streamed(whole, pinned=False)
    finish(blocks.settle(2))
    disk.broken = True
    with pytest.raises(OSError, match="the disk is gone"):
        for _ in range(2):
            velocity(dit)
    disk.broken = False
    assert torch.equal(velocity(dit), velocity(whole))
    blocks.free()


def test_memory_comes_back_when_the_blocks_are_freed(whole: WanDiT) -> None:
    dit, blocks, disk = streamed(whole, pinned=True)
    finish(blocks.settle(3))
    blocks.free()
    assert disk.closed
    assert all(p.is_meta for block in dit.blocks for p in block.parameters())
    finish(blocks.settle(2))
    assert torch.equal(velocity(dit), velocity(whole))
    blocks.free()


def test_tokens_go_in_pieces_without_changing_the_result(
    whole: WanDiT, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = velocity(whole)
    monkeypatch.setattr(dit_block, "PIECE", 5)
    torch.testing.assert_close(velocity(whole), once, atol=2e-5, rtol=0)


def test_float16_holds_what_passes_its_largest_number() -> None:
    torch.manual_seed(2)
    ffn = nn.Sequential(nn.Linear(64, 256), nn.GELU("tanh"), nn.Linear(256, 64))
    ffn.requires_grad_(False)
    for name in ("0.weight", "2.weight"):
        ffn.get_parameter(name).mul_(300)
    y = torch.randn(1, 9, 64) * 30
    block = build(lambda: dit_block.Block(64, 256, 2, 1e-6))
    true = ffn(y)
    assert true.abs().max() > 65_504
    block.ffn = ffn.half()
    assert not ffn(y.half()).isfinite().all()
    found = block.feed_forward(y.half())
    assert (found - true).norm() / true.norm() < 2e-2
