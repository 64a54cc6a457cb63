"""One sampler step as a pure function of an explicit state, in float32.

The DiT predicts a velocity v, so the clean latent it sees is x0 = x - sigma * v. UniPC and DPM++ follow
x0 over lambda = log((1 - sigma) / sigma), half the log of signal over noise. A schedule ends at
sigma 0, where lambda is infinite, and may begin at sigma 1, where it is minus infinity: both are meant.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from math import expm1, inf, log
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, device, float32

from wan_core.sampling.schedule import Schedule
from wan_core.variants import Solver

_RUN, _LATENT, _HISTORY = "run", "latent", "history."  # names in a saved state
_EMPTY: Mapping[str, Tensor] = MappingProxyType({})


class SamplerState(NamedTuple):
    """Everything a run needs to go on: `step` steps are done and `latent` is where they led.

    `latent` and the tensors of `history` are float32 of one shape; `history` is the solver's memory,
    by name. A state is a value: nothing writes into its tensors.
    """

    step: int
    latent: Tensor
    history: Mapping[str, Tensor] = _EMPTY


def start(latent: Tensor) -> SamplerState:
    """The state before the first step, from noise."""
    return SamplerState(0, latent.to(float32))


def moved(state: SamplerState, where: device) -> SamplerState:
    """The same state with its tensors on the device `where`."""
    history = {name: part.to(where) for name, part in state.history.items()}
    return SamplerState(state.step, state.latent.to(where), history)


def save_state(path: Path, state: SamplerState, origin: str = "") -> None:
    """Write `state` under `path`: either all of it is there afterwards, or what was there before.

    `origin` says what run it is of. Raises OSError where the disk refuses.
    """
    tensors = {_LATENT: state.latent, **{_HISTORY + name: part for name, part in state.history.items()}}
    own = {name: part.detach().cpu().contiguous().clone() for name, part in tensors.items()}
    data = save(own, metadata={_RUN: json.dumps([state.step, origin])})  # one entry: their order is random
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_state(path: Path, origin: str = "") -> SamplerState:
    """The state that was saved under `path`, on the CPU.

    Raises FileNotFoundError, or ValueError for a file that is torn, holds something else or is of another
    run than `origin`.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        with safe_open(path, framework="pt") as file:
            step, found = json.loads((file.metadata() or {})[_RUN])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        latent = tensors.pop(_LATENT)
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} does not hold a sampler's state") from error
    if found != origin:
        raise ValueError(f"{path} holds the state of another run")
    return SamplerState(step, latent, {name.removeprefix(_HISTORY): part for name, part in tensors.items()})


def advance(schedule: Schedule, solver: Solver, state: SamplerState, velocity: Tensor) -> SamplerState:
    """The state one step on, given the velocity that the DiT predicts for `state.latent`.

    Raises IndexError after the last step.
    """
    if state.step >= schedule.steps:
        raise IndexError(f"all {schedule.steps} steps are done")
    velocity = velocity.to(float32)
    if solver == "unipc":
        return _unipc(schedule, state, velocity)
    if solver == "dpm++":
        return _dpm(schedule, state, velocity)
    now, after = schedule.sigmas[state.step : state.step + 2]
    return SamplerState(state.step + 1, state.latent + (after - now) * velocity)


def _unipc(schedule: Schedule, state: SamplerState, velocity: Tensor) -> SamplerState:
    """UniPC, B(h) = exp(h) - 1, order 2: correct the last step by what is seen now, then predict."""
    step, latent, history = state
    sigmas = schedule.sigmas
    clean = latent - sigmas[step] * velocity
    if step > 0:
        latent = _correct(sigmas, step, history, clean)
    kept = {"clean": clean, "corrected": latent}
    if step > 0:
        kept["clean_before"] = history["clean"]

    now, after = sigmas[step], sigmas[step + 1]
    h = _lambda(after) - _lambda(now)
    moved = _first_order(latent, clean, now, after)
    if 0 < step < schedule.steps - 1:  # the first step has no past, the last one is of first order
        ratio = (_lambda(sigmas[step - 1]) - _lambda(now)) / h
        moved = moved - (1 - after) * expm1(-h) * 0.5 * ((kept["clean_before"] - clean) / ratio)
    return SamplerState(step + 1, moved, kept)


def _correct(sigmas: tuple[float, ...], step: int, history: Mapping[str, Tensor], clean: Tensor) -> Tensor:
    """Where the last step leads, knowing the clean latent seen after it."""
    before, now = sigmas[step - 1], sigmas[step]
    h = _lambda(now) - _lambda(before)
    past = history["clean"]
    growth = expm1(-h)
    moved = _first_order(history["corrected"], past, before, now)
    if step == 1:  # the step to correct was of first order
        return moved - (1 - now) * growth * 0.5 * (clean - past)
    ratio = (_lambda(sigmas[step - 2]) - _lambda(before)) / h
    phi_2 = growth / -h - 1
    phi_3 = phi_2 / -h - 0.5
    b_1, b_2 = phi_2 / growth, 2 * phi_3 / growth
    older = (b_1 - b_2) / (1 - ratio)  # of [[1, 1], [ratio, 1]] @ [older, newer] = [b_1, b_2]
    newer = b_1 - older
    change = older * ((history["clean_before"] - past) / ratio) + newer * (clean - past)
    return moved - (1 - now) * growth * change


def _dpm(schedule: Schedule, state: SamplerState, velocity: Tensor) -> SamplerState:
    """DPM-Solver++ 2M, midpoint; first order where there is no past and at the end."""
    step, latent, history = state
    now, after = schedule.sigmas[step : step + 2]
    clean = latent - now * velocity
    moved = _first_order(latent, clean, now, after)
    if 0 < step < schedule.steps - 1:
        h = _lambda(after) - _lambda(now)
        ratio = (_lambda(now) - _lambda(schedule.sigmas[step - 1])) / h  # infinite after sigma 1
        moved = moved - (1 - after) * expm1(-h) * 0.5 * ((clean - history["clean"]) / ratio)
    return SamplerState(step + 1, moved, {"clean": clean})


def _first_order(latent: Tensor, clean: Tensor, now: float, after: float) -> Tensor:
    growth = expm1(_lambda(now) - _lambda(after))
    return (after / now) * latent - (1 - after) * growth * clean


def _lambda(sigma: float) -> float:
    if sigma <= 0:
        return inf
    return log(1 - sigma) - log(sigma) if sigma < 1 else -inf
