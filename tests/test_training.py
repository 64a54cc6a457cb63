"""How the shipped model is trained: the drawn world, its captions, and a whole training at a tiny size."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training import checkpoints as files
from training import measures, pool, train_dit, train_vae
from training.captions import Caption, caption
from training.group import Group, together
from training.held_out import forbidden, held_out_captions, prompts, templates
from training.recipe import FULL, TEXT_LEN, TOY
from training.samples import Model
from training.scenes import CAMERAS, COLOURED, TERRAINS, TIMES, Scene, random_scenes
from training.vocabulary import UNKNOWN, pieces, tokenizer
from training.world import FOCUS, draw
from wan_core.checkpoint import inspect
from wan_core.events import finish
from wan_core.loading import load
from wan_core.pipeline import to_pixels
from wan_core.request import ResolvedRequest, VideoRequest, resolve

HOUSE = Path(__file__).parents[1]
SHIPPED = HOUSE / "models" / "wan-mini"


def small(scene: Scene, seed: int = 1, frames: int = 9, height: int = 48, width: int = 80) -> Tensor:
    return draw([scene], frames, height, width, "cpu", seed)[0]


def test_a_seed_draws_the_same_bytes_again_and_another_others() -> None:
    scene = Scene("city", "night", "rain", "pan_left", "street_life")
    assert torch.equal(small(scene, 5), small(scene, 5))
    assert not torch.equal(small(scene, 5), small(scene, 6))


@pytest.mark.parametrize("terrain", TERRAINS)
def test_every_place_is_lighter_by_day_than_at_night_and_moves_under_a_moving_camera(terrain: str) -> None:
    day, night = (small(Scene(terrain, time, "clear", "pan_right"))[..., :3] for time in ("day", "night"))
    assert day.float().mean() > night.float().mean() + 40
    assert measures.motion(day[None]) > 0.5


@pytest.mark.parametrize(
    ("terrain", "thing", "second"),
    [("hills", "balloon", "balloon"), ("sea", "boat", "boat"), ("desert", "train", "balloon")],
)
def test_two_things_wear_their_own_colours(terrain: str, thing: str, second: str) -> None:
    red_blue = Scene(terrain, "day", "clear", "still", thing, "red", second=second, second_colour="blue")
    for seed in range(3):
        clip = small(red_blue, seed, frames=3, height=96, width=160)
        seen = clip[..., FOCUS] > 200
        red, green, blue = (clip[..., i].int()[seen] for i in range(3))
        assert ((red > 140) & (green < 90) & (blue < 90)).sum() > 40
        assert ((blue > 130) & (red < 90) & (green < 130)).sum() > 40


@pytest.mark.parametrize("size", [(192, 320), (320, 192), (256, 256)])
def test_other_sizes_and_lengths_can_be_drawn(size: tuple[int, int]) -> None:
    clip = draw([Scene("lake", "dawn", "snow", "zoom_in", "boat")], 3, *size, "cpu", 1)
    assert clip.shape == (1, 3, *size, 4)


def test_captions_are_whole_sentences_of_known_words_that_state_what_is_said() -> None:
    dice, words = random.Random(3), tokenizer()
    languages = {True: 0, False: 0}
    for _ in range(600):
        (scene,) = random_scenes(dice, 1)
        made = caption(scene, dice)
        languages[bool(re.search("[가-힣]", made.text))] += 1
        assert made.text and not re.search(r"[{}]|  |, ,|\ba [aeiou]", made.text), made.text
        encoded = words.encode(made.text)
        assert UNKNOWN not in encoded.tokens and len(encoded.ids) <= TEXT_LEN, made.text
        assert "terrain" in made.said
        assert ("colour" in made.said) <= (scene.thing in COLOURED)
        assert ("second" in made.said) <= (scene.second != "none")
    assert min(languages.values()) > 200


def test_templates_cover_the_world_in_both_languages_and_training_may_not_see_them() -> None:
    made = templates()
    assert len(made) == 400
    assert sum(bool(re.search("[가-힣]", said.text)) for _, said in made) == 200
    for attribute, values, least in (("terrain", TERRAINS, 20), ("time", TIMES, 60), ("camera", CAMERAS, 12)):
        for value in values:
            assert sum(getattr(scene, attribute) == value for scene, _ in made) >= least, value
    assert sum({"colour", "second_colour"} <= said.said for _, said in made) >= 80
    for weather in ("rain", "snow"):
        assert sum(scene.weather == weather and "weather" in said.said for scene, said in made) >= 40
    hidden = forbidden()
    written = [entry["prompt"] for name in ("free", "small", "seeds") for entry in prompts(name)]
    for text in (*written, *held_out_captions(), *(said.text for _, said in made)):
        assert text.lower() in hidden


def test_what_is_judged_by_is_drawn_again_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = Caption(held_out_captions()[0].upper(), frozenset())
    allowed = Caption("a lake", frozenset())
    coming = iter([hidden, hidden, allowed])
    monkeypatch.setattr(pool, "caption", lambda scene, dice: next(coming))
    assert pool.Source(1, "cpu").caption(Scene("lake", "day", "clear")) is allowed


def test_people_wrote_prompts_in_both_languages() -> None:
    for name, count in (("free", 40), ("small", 60), ("seeds", 20)):
        korean = [entry for entry in prompts(name) if re.search("[가-힣]", entry["prompt"])]
        assert (len(prompts(name)), len(korean)) == (count, count // 2)


def test_measures_of_clips_whose_answers_are_known() -> None:
    still = torch.full((1, 5, 4, 4, 3), 100, dtype=torch.uint8)
    ramp = still + torch.arange(5, dtype=torch.uint8).view(1, 5, 1, 1, 1) * 10
    assert measures.motion(still) == 0 and measures.motion(ramp) == 10
    assert measures.flicker(ramp) == 0
    leap = ramp.clone()
    leap[:, 0] = 60  # 50 levels to the next frame instead of 10
    assert measures.jump(leap).item() == pytest.approx(5)
    assert measures.psnr(still, still + 1).item() == pytest.approx(48.13, abs=0.01)
    assert measures.apart(torch.cat((still, still + 1))) == pytest.approx(48.13, abs=0.01)


def test_the_recipes_model_fits_its_size() -> None:
    parts = (FULL.new_dit(), FULL.new_vae(), FULL.new_text(len(pieces())))
    weights = 2 * sum(w.numel() for part in parts for w in part.parameters())
    assert weights < 39.7e6  # the rest of 40 MB is for the tokenizer and the configs


def _averaged(group: Group, folder: Path) -> None:
    slope = torch.tensor([float(group.rank)])
    group.average([slope])
    told = group.agree(7.0 if group.first else 0.0)
    (folder / str(group.rank)).write_text(f"{slope.item()} {told}")


@pytest.mark.slow
def test_two_processes_average_their_slopes_and_agree_on_the_first_ones_time(tmp_path: Path) -> None:
    together(_averaged, (tmp_path,), 2, tmp_path / "meeting")
    assert [(tmp_path / str(rank)).read_text() for rank in (0, 1)] == ["0.5 7.0"] * 2


@pytest.mark.slow
def test_a_training_goes_on_where_its_piece_ended(tmp_path: Path) -> None:
    long = replace(TOY, vae=replace(TOY.vae, together_seconds=600))
    clips = train_vae.run(long, Group(), tmp_path, 0, deadline=time.monotonic() + 1)
    assert clips is None and not (tmp_path / files.FIRST_VAE).exists()
    first = torch.load(tmp_path / "vae.pt", weights_only=True)
    assert 0 < first["done"] < 1
    train_vae.run(TOY, Group(), tmp_path, 0, deadline=time.monotonic() + 60)
    second = torch.load(tmp_path / "vae.pt", weights_only=True)
    assert second["done"] == 1 and second["steps"] > first["steps"]
    before, after = (load_file(tmp_path / name) for name in (files.FIRST_VAE, files.VAE))
    learnt = {name for name, weight in before.items() if not torch.equal(weight, after[name])}
    assert learnt and not any(name.startswith(("encoder", "conv1")) for name in learnt)


@pytest.mark.slow
def test_a_decoder_learns_on_from_the_weights_of_another_machine(tmp_path: Path) -> None:
    recipe = replace(TOY, vae=replace(TOY.vae, alone_seconds=1))
    vae = recipe.new_vae()
    train_vae.save_weights(vae, tmp_path / files.FIRST_VAE)
    assert train_vae.run(recipe, Group(), tmp_path, 0, deadline=time.monotonic() + 60) is not None
    made = load_file(tmp_path / files.VAE)
    assert torch.equal(made["conv1.weight"], vae.conv1.weight.detach().bfloat16())
    assert not torch.equal(made["conv2.weight"], vae.conv2.weight.detach().bfloat16())


@pytest.mark.slow
def test_the_weights_alone_are_enough_to_go_on_elsewhere(tmp_path: Path) -> None:
    recipe = replace(TOY, dit=replace(TOY.dit, kept=0.0))
    vae = recipe.new_vae()
    train_vae.save_statistics(vae, small(Scene("sea", "day", "clear"))[None], recipe.vae, tmp_path)
    train_vae.save_weights(vae, tmp_path / files.VAE)
    save_file(recipe.new_text(len(pieces())).state_dict(), tmp_path / files.FIRST_TEXT)
    long = replace(recipe, dit=replace(recipe.dit, gpu_seconds=600))
    assert not train_dit.run(long, Group(), tmp_path, 0, time.monotonic() + 2, [])
    (tmp_path / "dit.pt").unlink()
    before = json.loads((tmp_path / files.DIT_SO_FAR).read_text())
    assert train_dit.run(recipe, Group(), tmp_path, 0, time.monotonic() + 60, [])
    after = json.loads((tmp_path / files.DIT_SO_FAR).read_text())
    assert 0 < before["done"] < 1 and after["done"] == 1
    assert after["steps"] > before["steps"]


@pytest.mark.slow
def test_one_command_trains_a_model_that_the_app_can_load_and_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training.run", "--recipe", "toy"]
    command += ["--state", str(tmp_path / "state"), "--model", str(tmp_path / "model")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=HOUSE, env=environment, check=True, capture_output=True, timeout=200)
    checkpoint = inspect(tmp_path / "model")
    pipeline = finish(load(checkpoint))
    request = _request(tmp_path / "model", "빨간 열기구", width=64, height=64, frames=9, steps=2)
    latent = finish(pipeline.latent(request, None))
    assert latent.isfinite().all() and latent.shape == (48, 3, 4, 4)


@pytest.mark.slow
def test_clips_made_many_at_once_are_those_the_app_makes() -> None:
    pipeline = finish(load(inspect(SHIPPED)))
    words = ["A blue sailboat on the calm sea at sunset", "눈 내리는 밤의 소나무 숲"]
    many = Model(SHIPPED, "cpu").generate(words, [42, 43], frames=9, steps=6)
    for prompt, seed, clip in zip(words, (42, 43), many, strict=True):
        request = _request(SHIPPED, prompt, frames=9, steps=6, seed=seed)
        latent = finish(pipeline.latent(request, None))
        with torch.inference_mode():
            alone = torch.cat([to_pixels(chunk) for chunk in pipeline.vae.decode_chunks(latent)])
        assert measures.psnr(clip[None], alone[None]) > 36  # bfloat16 rounds otherwise in a batch


def _request(folder: Path, prompt: str, seed: int = 1, **wishes: int) -> ResolvedRequest:
    checkpoint = inspect(folder)
    wish = msgspec.convert({"prompt": prompt, **wishes}, VideoRequest)
    return resolve(
        wish, checkpoint.variant, model=checkpoint.name, image=None, image_size=None, drawn_seed=seed
    )
