"""From noise to a latent: schedules, solvers, guidance, and a run that can be put down and taken up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import torch
from torch import Tensor

from wan_core.sampling.guidance import guide
from wan_core.sampling.schedule import Schedule, schedule
from wan_core.sampling.solvers import SamplerState, advance, load_state, save_state, start
from wan_core.variants import Solver

SOLVERS: tuple[Solver, ...] = get_args(Solver)
GOAL = 0.25  # the clean latent that the velocity below leads to


def velocity(plan: Schedule, state: SamplerState) -> Tensor:
    """The velocity of a model that is always sure of the same clean latent."""
    return (state.latent - GOAL) / plan.sigmas[state.step]


def curved(plan: Schedule, state: SamplerState) -> Tensor:
    """A velocity that bends with the latent and the timestep."""
    return torch.tanh(0.5 * state.latent + plan.timesteps[state.step] / 1000)


def noise() -> Tensor:
    return torch.randn(4, 2, 3, 5, generator=torch.Generator().manual_seed(3))


def walk(plan: Schedule, solver: Solver, state: SamplerState, steps: int) -> SamplerState:
    for _ in range(steps):
        state = advance(plan, solver, state, curved(plan, state))
    return state


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("shift", [0.1, 1.0, 5.0, 12.0, 100.0])
@pytest.mark.parametrize("steps", [1, 2, 3, 20, 200])
def test_noise_only_ever_falls_and_ends_at_none(solver: Solver, shift: float, steps: int) -> None:
    plan = schedule(solver, steps, shift)
    assert len(plan.sigmas) == steps + 1 and len(plan.timesteps) == plan.steps == steps
    assert all(high > low for high, low in zip(plan.sigmas, plan.sigmas[1:], strict=False))
    assert plan.sigmas[0] <= 1 and plan.sigmas[-1] == 0
    assert all(0 <= t <= 1000 for t in plan.timesteps)


def test_unipc_starts_a_little_below_full_noise_and_the_others_at_it() -> None:
    assert [schedule(solver, 4, 5.0).timesteps[0] for solver in ("unipc", "dpm++", "euler")] == [
        999,
        1000,
        1000,
    ]


def test_a_schedule_needs_a_step_and_a_shift_above_zero() -> None:
    for steps, shift in ((0, 5.0), (4, 0.0)):
        with pytest.raises(ValueError, match="at least 1"):
            schedule("unipc", steps, shift)


def test_a_schedule_is_made_without_torch() -> None:
    code = "import wan_core.sampling.schedule, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_a_model_that_is_sure_is_believed(solver: Solver, steps: int) -> None:
    plan, state = schedule(solver, steps, 5.0), start(noise())
    for _ in range(steps):
        state = advance(plan, solver, state, velocity(plan, state))
    torch.testing.assert_close(state.latent, torch.full_like(state.latent, GOAL), atol=1e-4, rtol=0)


def test_unipc_walks_every_step_even_where_the_first_timesteps_are_equal() -> None:
    plan = schedule("unipc", 92, 12.0)
    assert plan.timesteps[0] == plan.timesteps[1]
    state = walk(plan, "unipc", start(noise()), 92)
    close = walk(schedule("unipc", 91, 12.0), "unipc", start(noise()), 91)
    assert state.step == 92
    torch.testing.assert_close(state.latent, close.latent, atol=2e-3, rtol=0)


@pytest.mark.parametrize("solver", ["unipc", "dpm++"])
def test_the_second_order_solvers_are_nearer_the_truth_than_euler(solver: Solver) -> None:
    truth = walk(schedule("euler", 2000, 3.0), "euler", start(noise()), 2000).latent

    def error(solver: Solver) -> float:
        found = walk(schedule(solver, 12, 3.0), solver, start(noise()), 12).latent
        return (found - truth).abs().mean().item()

    assert error(solver) < error("euler") / 2


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_step_writes_into_nothing_it_was_given(solver: Solver) -> None:
    plan, state = schedule(solver, 5, 5.0), start(noise())
    for _ in range(5):
        before = [tensor.clone() for tensor in (state.latent, *state.history.values())]
        predicted = curved(plan, state)
        kept = predicted.clone()
        after = advance(plan, solver, state, predicted)
        for tensor, copy in zip((state.latent, *state.history.values()), before, strict=True):
            assert torch.equal(tensor, copy)
        assert torch.equal(predicted, kept)
        again = advance(plan, solver, state, predicted)
        assert torch.equal(after.latent, again.latent)
        state = after


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("stop", [0, 1, 2, 5, 7])
def test_a_run_put_down_and_taken_up_ends_bit_identically(tmp_path: Path, solver: Solver, stop: int) -> None:
    plan = schedule(solver, 8, 5.0)
    straight = walk(plan, solver, start(noise()), 8)

    save_state(tmp_path / "한글 상태.safetensors", walk(plan, solver, start(noise()), stop))
    taken_up = load_state(tmp_path / "한글 상태.safetensors")
    assert taken_up.step == stop
    assert torch.equal(walk(plan, solver, taken_up, 8 - stop).latent, straight.latent)


def test_steps_are_taken_in_float32_whatever_the_model_speaks() -> None:
    plan, state = schedule("unipc", 3, 5.0), start(noise().to(torch.bfloat16))
    state = advance(plan, "unipc", state, torch.zeros_like(state.latent, dtype=torch.float16))
    assert {tensor.dtype for tensor in (state.latent, *state.history.values())} == {torch.float32}


def test_there_is_no_step_after_the_last() -> None:
    plan = schedule("euler", 2, 5.0)
    state = walk(plan, "euler", start(noise()), 2)
    with pytest.raises(IndexError, match="all 2 steps are done"):
        advance(plan, "euler", state, state.latent)


def test_a_state_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    for value in (1.0, 2.0):
        save_state(path, start(torch.full((2, 2), value)))
    assert load_state(path).latent[0, 0] == 2
    assert list(tmp_path.iterdir()) == [path]


def test_a_torn_state_is_refused_and_a_missing_one_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    save_state(path, start(noise()))
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ValueError, match="does not hold a sampler's state"):
        load_state(path)
    with pytest.raises(FileNotFoundError):
        load_state(tmp_path / "none")


def test_guidance_of_one_is_the_prompt_and_of_zero_the_negative_prompt() -> None:
    prompt, negative = torch.tensor([3.0]), torch.tensor([1.0])
    assert [guide(prompt, negative, scale).item() for scale in (0, 1, 5)] == [1, 3, 11]
