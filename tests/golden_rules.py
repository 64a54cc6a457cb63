"""Golden cases of the rules around the models: words, noise levels, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import inf
from re import fullmatch
from typing import Any

import torch
from PIL import Image

from tests.golden_set import Case, Folder, difference
from wan_core.image import fit_bicubic, fit_cover
from wan_core.sampling import solvers
from wan_core.sampling.schedule import schedule
from wan_core.shapes import best_size, free_size
from wan_core.text.clean import clean

SOLVERS = {"dpmpp": "dpm++"}  # a solver's name in the set: ours, where they differ


def tokenizer_clean(folder: Folder) -> Iterator[Case]:
    for number, case in enumerate(folder.config["cases"], start=1):
        yield Case(f"{number:02}", 0.0, partial(_same, clean, case["in"], case["out"]))


def _same(function: Callable[[str], str], given: str, wanted: str) -> float:
    found = function(given)
    if found != wanted:
        raise AssertionError(f"{given!r} became {found!r} instead of {wanted!r}")
    return 0.0


def schedulers(folder: Folder) -> Iterator[Case]:
    for name in folder.config["tables"]:
        yield Case(f"table/{name}", 1e-6, partial(_table, folder, name))
    for name in folder.tensors:
        if name.endswith("/latents"):
            yield Case(f"trace/{name.removesuffix('/latents')}", 1e-5, partial(_trace, folder, name))


def _plan(name: str) -> tuple[Any, Any]:
    """`solver/stepsN/shiftS` as our solver's name and schedule."""
    found = fullmatch(r"([^/]+)/steps(\d+)/shift([\d.]+)", name)
    assert found, f"{name} is not solver/stepsN/shiftS"
    solver: Any = SOLVERS.get(found[1], found[1])
    return solver, schedule(solver, int(found[2]), float(found[3]))


def _table(folder: Folder, name: str) -> float:
    wanted, (_, plan) = folder.config["tables"][name], _plan(name)
    if list(plan.timesteps) != wanted["timesteps"] or len(plan.sigmas) != len(wanted["sigmas"]):
        return inf
    return max(abs(ours - theirs) for ours, theirs in zip(plan.sigmas, wanted["sigmas"], strict=True))


def _trace(folder: Folder, name: str) -> float:
    solver, plan = _plan(name.removesuffix("/latents"))
    state = solvers.start(folder.tensors["x0"])
    latents = []
    for t in plan.timesteps:
        velocity = torch.tanh(0.5 * state.latent + torch.tensor(t, dtype=torch.float32) / 1000)
        state = solvers.advance(plan, solver, state, velocity)
        latents.append(state.latent[0])
    return difference(torch.stack(latents), folder.tensors[name])


def preprocess(folder: Folder) -> Iterator[Case]:
    for name in folder.config["cases"]:
        yield Case(name, 1e-6, partial(_picture, folder, name))
    yield Case("size_table", 0.0, partial(_sizes, folder.config["size_table"]))


def _picture(folder: Folder, name: str) -> float:
    call, fields = folder.config["cases"][name], folder.case(name)
    picture = Image.fromarray(fields["image_u8"].numpy())
    if "ow_oh" in call:
        size = best_size(*picture.size, folder.config["size_table"]["dw_dh_ti2v"][0], call["max_area"])
        found, wanted, wanted_size = fit_cover(picture, *size), fields["tensor"], call["ow_oh"]
    else:
        size = free_size(*picture.size, 16, call["max_area"])
        found, wanted, wanted_size = fit_bicubic(picture, *size)[:, 0], fields["frame0"], call["w_h"]
    return difference(found, wanted) if list(size) == wanted_size else inf


def _sizes(table: dict[str, Any]) -> float:
    """How many sizes are not the official ones; where the official function fails, any will do."""
    rules = (("ti2v_ow_oh", best_size, table["dw_dh_ti2v"][0]), ("i2v_a14b_w_h", free_size, 16))
    return float(
        sum(
            list(rule(row["w"], row["h"], multiple, row["max_area"])) != row[field]
            for row in table["rows"]
            for field, rule, multiple in rules
            if isinstance(row[field], list)
        )
    )
