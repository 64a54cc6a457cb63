"""Answers commands. Each takes milliseconds; what takes longer is done beside the owner thread."""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from sidecar import __version__, answers, protocol
from sidecar.accept import accept, is_stored, variation
from sidecar.answers import Answer
from sidecar.catalog import OFFERS
from sidecar.dispatcher import Dispatcher
from sidecar.doctor import Check, Facts, examine
from sidecar.downloads import Downloads
from sidecar.fields import about, read_for
from sidecar.folders import checked_incoming, there_and_writable
from sidecar.gallery import Gallery, Page
from sidecar.hub import checked_hub, usual_hub
from sidecar.job_queue import JobQueue
from sidecar.jobs import RETRIABLE, WAITING, Job, face, resolved
from sidecar.library import measure, take_in
from sidecar.paths import checked
from sidecar.protocol import Command, Id
from sidecar.restored import recognise, restored
from sidecar.shelf import Place, Shelf
from sidecar.store import Media
from sidecar.supervisor import Supervisor
from sidecar.verdict import ask, judge
from sidecar.workspace import Workspace
from wan_core.checkpoint import inspect
from wan_core.errors import BadRequest, WanError
from wan_core.request import VideoRequest

PROTOCOL = 1  # raised when an older host would misunderstand
CAPABILITIES = (
    *("t2v", "i2v", "models", "add_model", "store_input", "read_video", "media"),
    *("prefer", "estimate", "retry", "move", "edit", "pause"),
    *("catalog", "download", "pause_download", "resume_download", "cancel_download"),
    *("verify_model", "remove_model", "gallery", "favourite", "trash", "restore", "prompts"),
    "videos_folder",
)
SHOWN_JOBS = 50
SHOWN_PROMPTS = 50

Found = TypeVar("Found")


class UnknownJob(WanError):
    """No job has that id."""

    code = "UNKNOWN_JOB"


class Beside(Protocol):
    """Does work in another thread, then something with what it found in the owner thread."""

    def __call__(self, id: Id, work: Callable[[], Found], then: Callable[[Found], None]) -> None:
        """`id` is the command's: whatever goes wrong is its answer."""


class Handlers:
    """Used by the owner thread alone. A `WanError` that rises from `obey` is the command's answer."""

    def __init__(
        self,
        workspace: Workspace,
        job_queue: JobQueue,
        dispatcher: Dispatcher,
        supervisor: Supervisor,
        downloads: Downloads,
        answer: Callable[[Answer], None],
        beside: Beside,
    ) -> None:
        self._workspace = workspace
        self._job_queue = job_queue
        self._dispatcher = dispatcher
        self._supervisor = supervisor
        self._downloads = downloads
        self._shelf = Shelf(workspace, job_queue, downloads)
        self._gallery = Gallery(workspace)
        self._answer = answer
        self._beside = beside
        self._take = partial(take_in, workspace.home, keep=True)

    def obey(self, command: Command) -> None:
        """Do what a command asks, and answer it."""
        id = command.id
        match command:
            case protocol.Hello():
                self._answer(self._hello(id))
            case protocol.Ping():
                self._answer(answers.PingAnswer(id=id))
            case protocol.Snapshot():
                self._answer(self._snapshot(id))
            case protocol.Doctor(self_test=self_test):
                facts = self._facts(self_test)
                self._beside(id, lambda: examine(facts), lambda found: self._examined(id, found))
            case protocol.Generate(request=request, count=count):
                self._with_picture(
                    id, request, self._take, lambda image: self._queue(id, request, image, count)
                )
            case protocol.Estimate(request=request):
                self._with_picture(id, request, measure, lambda image: self._estimate(id, request, image))
            case protocol.Cancel(job=job):
                self._cancel(id, job)
            case protocol.Retry(job=job):
                self._retry(id, job)
            case protocol.Move(job=job, before=before):
                self._move(id, job, before)
            case protocol.Edit(job=job, request=request):
                self._with_picture(id, request, self._take, lambda image: self._edit(id, job, request, image))
            case protocol.Pause():
                self._job_queue.pause(True)
                self._answer(answers.PauseAnswer(id=id, paused=True))
            case protocol.Resume():
                self._job_queue.pause(False)
                self._answer(answers.ResumeAnswer(id=id, paused=False))
            case protocol.Models():
                self._answer(answers.ModelsAnswer(id=id, models=self._workspace.models.faces()))
            case protocol.AddModel(path=path):
                self._add_model(id, path)
            case protocol.Catalog():
                self._catalog(id)
            case protocol.StartDownload(model=model, folder=folder, hub=hub):
                place = checked(folder, "$.folder")
                download = self._downloads.begin(model, place, checked_hub(hub or usual_hub(), "$.hub"))
                self._answer(answers.DownloadAnswer(id=id, download=download))
            case protocol.PauseDownload():
                self._answer(answers.PauseDownloadAnswer(id=id, download=self._downloads.pause()))
            case protocol.ResumeDownload():
                self._answer(answers.ResumeDownloadAnswer(id=id, download=self._downloads.resume()))
            case protocol.CancelDownload(keep=keep):
                remove = self._downloads.cancel(keep=keep)
                self._beside(id, remove, lambda _: self._answer(answers.CancelDownloadAnswer(id=id)))
            case protocol.VerifyModel(model=model):
                self._verify_model(id, model)
            case protocol.RemoveModel(model=model, files=files):
                self._remove_model(id, model, files)
            case protocol.Prompts():
                prompts = self._workspace.store.prompts(SHOWN_PROMPTS)
                self._answer(answers.PromptsAnswer(id=id, prompts=prompts))
            case protocol.StoreInput(path=path):
                self._store_input(id, path)
            case protocol.ReadVideo(path=path):
                self._read_video(id, path)
            case protocol.Gallery():
                self._page(id, command)
            case protocol.Favourite(job=job, on=on):
                self._gallery.mark(self._job(job), on)
                self._answer(answers.FavouriteAnswer(id=id, job=job, favourite=on))
            case protocol.Trash(job=job):
                self._trash(id, self._job(job))
            case protocol.Restore(job=job):
                self._restore(id, self._job(job))
            case protocol.Media(media=media):
                self._media(id, media)
            case protocol.Prefer(preferences=wish):
                self._prefer(id, wish)
            case protocol.VideosFolder(folder=folder):
                self._videos_folder(id, folder)
            case protocol.Shutdown():
                self._answer(answers.ShutdownAnswer(id=id))  # and the server leaves

    def _hello(self, id: Id) -> Answer:
        return answers.HelloAnswer(
            id=id,
            protocol=PROTOCOL,
            versions=answers.Versions(__version__, platform.python_version(), msgspec.__version__),
            capabilities=CAPABILITIES,
            data_folder=str(self._workspace.home.root),
            videos_folder=str(self._workspace.videos()),
        )

    def _snapshot(self, id: Id) -> Answer:
        return answers.SnapshotAnswer(
            id=id,
            seq=self._job_queue.seq,
            jobs=[face(job) for job in self._job_queue.newest(SHOWN_JOBS)],
            paused=self._job_queue.paused,
            models=self._workspace.models.faces(),
            engine=answers.EngineFace(self._supervisor.state, self._supervisor.device),
            preferences=self._preferences(),
            download=self._downloads.face,
        )

    def _preferences(self) -> protocol.Preferences:
        names = protocol.Preferences.__struct_fields__
        kept = {name: self._workspace.store.setting(name) for name in names}
        return msgspec.convert(kept, protocol.Preferences, strict=False)  # settings are kept as text

    def _prefer(self, id: Id, wish: protocol.Preferences) -> None:
        for name, value in msgspec.structs.asdict(wish).items():
            if value is not None:
                self._workspace.store.set(name, value)
        self._answer(answers.PreferAnswer(id=id, preferences=self._preferences()))

    def _videos_folder(self, id: Id, folder: str | None) -> None:
        def answer() -> None:
            self._answer(answers.VideosFolderAnswer(id=id, folder=str(self._workspace.videos())))

        def keep(chosen: Path) -> None:
            self._workspace.store.set("videos_folder", str(chosen))
            answer()

        if folder is None:
            answer()
        else:
            path = checked(folder, "$.folder")
            self._beside(id, lambda: there_and_writable(path, "$.folder"), keep)

    def _facts(self, self_test: bool) -> Facts:
        return Facts(
            data=self._workspace.home.root,
            videos=self._workspace.videos(),
            models=self._workspace.models.faces(),
            device=self._supervisor.device,
            trouble=self._supervisor.trouble,
            self_test=self_test,
            busy=self._supervisor.state == "busy",
        )

    def _examined(self, id: Id, checks: list[Check]) -> None:
        self._answer(answers.DoctorAnswer(id=id, checks=checks))

    def _with_picture(
        self,
        id: Id,
        request: VideoRequest,
        read: Callable[[Path], Media],
        then: Callable[[Media | None], None],
    ) -> None:
        """Do `then` with the picture of a request, which is `read` where it is given as a path."""
        if request.image is None:
            then(None)
        elif is_stored(request.image):
            with about("$.request.image"):
                media, _ = self._workspace.library.find(request.image)
            then(media)
        else:
            path = checked(request.image, "$.request.image")
            self._beside(id, lambda: read_for("$.request.image", read, path), then)

    def _accepted(self, request: VideoRequest, image: Media | None) -> Job:
        if image is not None:
            self._workspace.library.remember(image)
        return accept(self._workspace, request, image)

    def _queue(self, id: Id, request: VideoRequest, image: Media | None, count: int) -> None:
        job = self._accepted(request, image)
        jobs = [job, *(variation(job, number) for number in range(1, count))]
        self._job_queue.add(*jobs)
        self._answer(answers.GenerateAnswer(id=id, job=job.id, request=resolved(job.request)))
        for one in jobs:
            self._job_queue.tell(one)

    def _estimate(self, id: Id, request: VideoRequest, image: Media | None) -> None:
        question = ask(self._workspace, request, image, self._supervisor.device)
        self._beside(
            id,
            lambda: judge(question),
            lambda verdict: self._answer(answers.EstimateAnswer(id=id, verdict=verdict)),
        )

    def _cancel(self, id: Id, name: str) -> None:
        job = self._job(name)
        self._dispatcher.cancel(job)
        self._answer(answers.CancelAnswer(id=id, job=job.id, state=job.state))

    def _retry(self, id: Id, name: str) -> None:
        job = self._job(name)
        if job.state not in RETRIABLE:
            raise BadRequest(
                "This job has not failed and was not cancelled.",
                "To make a video once more, ask for it as a new one.",
                "$.job",
                case="not_retriable",
            )
        self._job_queue.again(job)
        self._answer(answers.RetryAnswer(id=id, job=job.id, state=job.state))
        self._job_queue.tell(job)

    def _move(self, id: Id, name: str, before: str | None) -> None:
        job = self._waiting(name)
        next_one = None if before is None else self._waiting(before, "$.before")
        if next_one is not job:
            self._job_queue.move(job, next_one)
        self._answer(answers.MoveAnswer(id=id, job=job.id))

    def _edit(self, id: Id, name: str, request: VideoRequest, image: Media | None) -> None:
        job = self._waiting(name)
        wanted = self._accepted(request, image)
        self._job_queue.edit(job, wanted.request, wanted.out)
        self._answer(answers.EditAnswer(id=id, job=job.id, request=resolved(job.request)))

    def _job(self, name: str, field: str = "$.job") -> Job:
        job = self._job_queue.find(name)
        if job is None:
            shown = name[:80]
            raise UnknownJob(
                f"There is no job {shown!r}.", "Ask for a snapshot.", field, case="unknown_job", job=shown
            )
        return job

    def _waiting(self, name: str, field: str = "$.job") -> Job:
        job = self._job(name, field)
        if job.state not in WAITING:
            raise BadRequest(
                "This job does not wait any more: it has begun, or is over.",
                "To make a video of these settings, ask for it as a new one.",
                field,
                case="not_waiting",
            )
        return job

    def _add_model(self, id: Id, path: str) -> None:
        with about("$.path"):
            entry = self._workspace.models.recognise(checked(path, "$.path"))
        self._workspace.store.add_model(str(entry.path))
        self._answer(answers.AddModelAnswer(id=id, model=entry.model))

    def _catalog(self, id: Id) -> None:
        offers = [answers.Offered(id=offer.id, name=offer.name, about=offer.about) for offer in OFFERS]

        def answer(places: list[Place]) -> None:
            self._answer(answers.CatalogAnswer(id=id, offers=offers, places=places, hub=usual_hub()))

        self._beside(id, self._shelf.places(), answer)

    def _verify_model(self, id: Id, model: str) -> None:
        entry = self._workspace.models.listed(model, "$.model")
        if self._downloads.verify(entry):
            self._answer(answers.VerifyModelAnswer(id=id, by="bytes"))
        else:
            sound = answers.VerifyModelAnswer(id=id, by="structure")
            self._beside(id, lambda: inspect(entry.path), lambda _: self._answer(sound))

    def _remove_model(self, id: Id, model: str, files: bool) -> None:
        models, leaving = self._workspace.models, self._shelf.leaving(model, files=files)

        def gone(_: object) -> None:
            self._shelf.forget(leaving)
            self._answer(answers.RemoveModelAnswer(id=id, models=models.faces()))

        self._beside(id, leaving.delete, gone)

    def _store_input(self, id: Id, text: str) -> None:
        home = self._workspace.home
        path = checked_incoming(home, checked(text, "$.path"))
        library = self._workspace.library
        self._beside(
            id,
            lambda: read_for("$.path", partial(take_in, home, keep=False), path),
            lambda media: self._answer(answers.StoreInputAnswer(id=id, input=library.remember(media))),
        )

    def _read_video(self, id: Id, text: str) -> None:
        path = checked(text, "$.path")
        entries, device = self._workspace.models.entries(), self._supervisor.device
        library = self._workspace.library
        self._beside(
            id,
            lambda: read_for("$.path", partial(recognise, entries=entries, device=device), path),
            lambda found: self._answer(answers.ReadVideoAnswer(id=id, video=restored(found, library))),
        )

    def _page(self, id: Id, wish: protocol.Gallery) -> None:
        before = None if wish.before is None else self._job(wish.before, "$.before")

        def answer(page: Page) -> None:
            self._answer(answers.GalleryAnswer(id=id, **msgspec.structs.asdict(page)))

        self._beside(id, self._gallery.page(wish, before), answer)

    def _trash(self, id: Id, job: Job) -> None:
        def gone(_: object) -> None:
            self._gallery.gone(job)
            self._answer(answers.TrashAnswer(id=id, job=job.id))

        self._beside(id, self._gallery.leaving(job), gone)

    def _restore(self, id: Id, job: Job) -> None:
        def back(place: Path) -> None:
            entry = self._gallery.back(job, place)
            self._beside(id, entry, lambda entry: self._answer(answers.RestoreAnswer(id=id, entry=entry)))

        self._beside(id, self._gallery.returning(job), back)

    def _media(self, id: Id, name: str) -> None:
        media, path = self._workspace.library.find(name)
        self._answer(
            answers.MediaAnswer(id=id, media=name, path=str(path), type=media.type, bytes=path.stat().st_size)
        )
