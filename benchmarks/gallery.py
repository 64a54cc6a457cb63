"""How long does the gallery of many videos take to answer?

    python -m benchmarks.gallery DATA --videos 5000

DATA is the data folder of an Artifex that has made some videos, and was made for this: they are listed again
and again, each time with other words, until there are so many. One line of JSON comes out.
`tests/browser/thousands.test.ts` goes on from there with the page.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from secrets import token_hex
from statistics import median

import msgspec

from sidecar import jobs
from sidecar.folders import Home
from sidecar.protocol import Gallery
from sidecar.store import Media, Store

PLACES = ("lake", "바다", "desert", "숲", "harbour", "산", "meadow", "도시")
ROUNDS, LIMIT = 20, 60
WISHES = {
    "all": Gallery(id="1", limit=LIMIT),
    "text": Gallery(id="1", limit=LIMIT, text="숲 at 4"),
    "nothing": Gallery(id="1", limit=LIMIT, text="no such words"),
    "favourites": Gallery(id="1", limit=LIMIT, favourite=True),
}


def fill(store: Store, count: int) -> None:
    """List the videos that are there again, asked for an hour apart, the oldest first."""
    made = [video.job for video in store.videos(Gallery(id="1", limit=200), None)]
    begin = datetime.now(timezone.utc) - timedelta(hours=count)
    for number in range(count - len(made)):
        model = made[number % len(made)]
        prompt = (
            f"A balloon over the {PLACES[number % len(PLACES)]} at {number} metres, in early morning light"
        )
        request = msgspec.structs.replace(model.request, prompt=prompt, seed=number)
        job = jobs.new(request, None)
        job.created = (begin + timedelta(hours=number)).isoformat(timespec="seconds")
        job.output = token_hex(8)
        store.add_jobs(job)
        job.state, job.path, job.elapsed, job.seconds = "done", model.path, model.elapsed, model.seconds
        store.save_job(job)
        size = (request.width, request.height)
        store.add_media(Media(job.output, "output", model.path or "", "video/mp4", *size, job.id))
        store.set_favourite(job.id, number % 25 == 0)


def milliseconds(store: Store, wish: Gallery) -> dict[str, float]:
    """For a first page and one from the middle on, each with what stands beside it."""

    def once(before: int | None) -> float:
        began = time.perf_counter()
        store.videos(wish, before)
        store.count_videos(wish)
        store.video_models()
        return 1000 * (time.perf_counter() - began)

    middle = store.count_videos(Gallery(id="1", limit=1)) // 2
    return {
        "first": round(median(once(None) for _ in range(ROUNDS)), 2),
        "middle": round(median(once(middle) for _ in range(ROUNDS)), 2),
    }


def main(arguments: list[str]) -> None:
    """Fill, measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, help="the data folder")
    parser.add_argument("--videos", type=int, default=5000)
    wanted = parser.parse_args(arguments)
    store = Store(Home(wanted.data).database)
    fill(store, wanted.videos)
    pages = {name: milliseconds(store, wish) for name, wish in WISHES.items()}
    store.close()
    print(json.dumps({"videos": wanted.videos, "page": LIMIT, "ms": pages}))


if __name__ == "__main__":
    main(sys.argv[1:])
