"""Several videos of one wish, and the prompts of earlier ones, as a person finds them again."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sidecar import jobs
from sidecar.handlers import SHOWN_PROMPTS
from sidecar.store import Store
from tests.talk import Talk, wish
from tests.test_store import REQUEST
from wan_core.request import MAX_SEED


def made(talk: Talk) -> list[dict[str, Any]]:
    return list(talk.ask("snapshot")["jobs"])


def seeds(talk: Talk) -> list[int]:
    return [int(job["request"]["seed"]) for job in made(talk)]


def prompts(talk: Talk) -> list[str]:
    return list(talk.ask("prompts")["prompts"])


def test_variations_wait_in_the_order_of_their_seeds_and_differ_in_nothing_else(talk: Talk) -> None:
    talk.ask("pause")
    answer = talk.ask("generate", request=wish(talk, "호수", seed="7"), count=3)
    found = made(talk)
    assert answer["job"] == found[0]["job"] and answer["request"]["seed"] == "7"
    assert seeds(talk) == [7, 8, 9]
    assert [job["rank"] for job in found] == [1, 2, 3]
    settings = [{**job["request"], "seed": ""} for job in found]
    assert settings[0] == settings[1] == settings[2]


def test_every_variation_is_made(talk: Talk) -> None:
    talk.ask("generate", request=wish(talk, "quick", seed="7"), count=2)
    last = made(talk)[1]["job"]
    talk.news(last, "done")
    first, second = (talk.ask("media", media=job["output"])["path"] for job in made(talk))
    assert "_7" in first and "_8" in second


def test_without_a_seed_the_first_is_drawn_and_the_others_follow_it(talk: Talk) -> None:
    talk.ask("pause")
    talk.ask("generate", request=wish(talk, "호수"), count=8)
    assert seeds(talk) == list(range(seeds(talk)[0], seeds(talk)[0] + 8))


def test_the_last_seeds_of_all_are_counted_to_the_last_digit(talk: Talk) -> None:
    talk.ask("pause")
    talk.ask("generate", request=wish(talk, "호수", seed=str(MAX_SEED - 1)), count=2)
    assert seeds(talk) == [MAX_SEED - 1, MAX_SEED]


def test_all_are_queued_or_none(talk: Talk) -> None:
    refused = talk.ask("generate", request=wish(talk, "호수", seed=str(MAX_SEED - 1)), count=3)
    assert (refused["case"], refused["field"]) == ("seed_last", "$.request.seed")
    refused = talk.ask("generate", request=wish(talk, "호수", frames=6), count=3)
    assert refused["field"] == "$.request.frames"
    assert made(talk) == []


@pytest.mark.parametrize("count", [0, 9, -1, 2.5, "2"])
def test_there_are_one_to_eight_of_them(talk: Talk, count: object) -> None:
    refused = talk.ask("generate", request=wish(talk, "호수"), count=count)
    assert (refused["code"], refused["field"]) == ("BAD_REQUEST", "$.count")
    assert made(talk) == []


def test_what_cannot_be_written_down_whole_is_not_written_down(tmp_path: Path) -> None:
    store, job = Store(tmp_path / "library.db"), jobs.new(REQUEST, None)
    with pytest.raises(sqlite3.IntegrityError):
        store.add_jobs(jobs.new(REQUEST, None), job, job)
    assert store.last_jobs(9) == []
    store.add_jobs(job)
    assert [one.id for one in store.last_jobs(9)] == [job.id]
    store.close()


def test_a_place_that_was_asked_for_is_the_first_ones(talk: Talk, tmp_path: Path) -> None:
    out = tmp_path / "mine.mp4"
    talk.ask("generate", request=wish(talk, "quick", out=str(out)), count=2)
    talk.news(made(talk)[1]["job"], "done")
    first, second = (talk.ask("media", media=job["output"])["path"] for job in made(talk))
    assert first == str(out) and Path(second).parent == talk.videos


def test_earlier_prompts_come_newest_first_and_each_once(talk: Talk) -> None:
    assert prompts(talk) == []
    talk.ask("pause")
    for words in ("호수", "산\n구름", "호수", "바다"):
        talk.generate(**wish(talk, words))
    assert prompts(talk) == ["바다", "호수", "산\n구름"]


def test_earlier_prompts_are_there_after_a_restart_whatever_became_of_them(
    tmp_path: Path, models: Path
) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        talk.ask("pause")
        talk.ask("cancel", job=talk.generate(**wish(talk, "호수")))
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert prompts(talk) == ["호수"]


def test_no_more_prompts_come_than_a_person_looks_through(talk: Talk) -> None:
    talk.ask("pause")
    request = wish(talk, "")
    for number in range(SHOWN_PROMPTS + 3):
        talk.generate(**{**request, "prompt": f"호수 {number}"})
    assert prompts(talk) == [f"호수 {number}" for number in range(SHOWN_PROMPTS + 2, 2, -1)]
