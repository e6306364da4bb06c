"""Who does the work of a course: this process, processes on all cores, or a Dask cluster. The files
are the same to the byte."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rnnquiz.errors import ToolError
from rnnquiz.files.private import scratch, write_into
from rnnquiz.text import nearest
from rnnquiz.version import __version__

PIECES_AHEAD = 4  # pieces begun for each hand before the first result is taken
ALONE = 40  # files and students that take less time than starting processes
WRITING_THREADS = 8
SECONDS_FOR_CLUSTER = 30  # to start a cluster here
SECONDS_FOR_ANSWER = 10  # of a cluster at an address: one on another continent takes less than one

Job = TypeVar("Job")
Returned = TypeVar("Returned")
Files = Mapping[str, bytes]


class Crew:
    """Does several pieces of work at the same time and gives their results in the order of the
    pieces.

    `hands`: how many pieces at a time. `far`: the hands may not see the disk of this machine.
    """

    def __init__(self, executor: Executor | None = None, hands: int = 1, far: bool = False) -> None:
        self.executor, self.hands, self.far = executor, hands, far

    def map(self, work: Callable[[Job], Returned], pieces: Iterable[Job]) -> Iterator[Returned]:
        """The result of each piece. Pieces are taken as they are needed, so that neither they nor
        the results fill the memory."""
        if self.executor is None:
            yield from map(work, pieces)
            return
        begun: deque[Future[Returned]] = deque()
        for piece in pieces:
            begun.append(self.executor.submit(work, piece))
            while begun and (begun[0].done() or len(begun) >= PIECES_AHEAD * self.hands):
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    def build(
        self, make: Callable[[Job], tuple[Files, Returned]], pieces: Iterable[Job], folder: Path
    ) -> Iterator[tuple[int, Returned]]:  # fmt: skip
        """For work that makes files, by their paths in `folder`: they are written, each whole or
        not at all; how many, and the rest."""
        if not self.far:
            yield from self.map(partial(_written, make, folder), pieces)
            return
        for files, rest in self.map(make, pieces):
            yield _write(folder, files), rest


def _written(
    make: Callable[[Job], tuple[Files, Returned]], folder: Path, piece: Job
) -> tuple[int, Returned]:
    files, rest = make(piece)
    return _write(folder, files), rest


def _write(folder: Path, files: Files) -> int:
    # Most of the time of writing is waiting for the disk.
    with ThreadPoolExecutor(WRITING_THREADS) as pool:
        write = partial(write_into, folder)
        list(pool.map(write, files, files.values()))
    return len(files)


@dataclass(frozen=True)
class _Order:
    """What a crew is for. `prepare`, `work` and `version` as in `crew_for`; `address` of a
    cluster, and for how many seconds its answer is awaited."""

    prepare: Callable[[], object]
    work: int
    address: str
    patience: float
    version: str


def crew_for(
    executor: str,
    prepare: Callable[[], object],
    work: int,
    patience: float = SECONDS_FOR_ANSWER,
    version: str = __version__,
) -> AbstractContextManager[Crew]:
    """A crew for so much work (files and students); `executor` is a name of EXECUTORS, for dask
    also `dask=ADDRESS`.

    `prepare` loads what the work needs, in each process that is started for it. `patience`: seconds
    for which the answer of a cluster is awaited. `version`: of the program, which all workers must
    have.
    """
    name, address = _known(executor)
    return EXECUTORS[name](_Order(prepare, work, address, patience, version))


def check_executor(executor: str, patience: float = SECONDS_FOR_ANSWER) -> None:
    """ToolError where nobody could do the work: asked before anything is written, so that nothing
    is left half made. `executor` and `patience` as in `crew_for`."""
    name, address = _known(executor)
    if address:
        with crew_for(executor, int, 0, patience):
            pass
    elif name == "dask":
        _distributed()


def _known(executor: str) -> tuple[str, str]:
    """The name of an executor and the address of its cluster, empty where none is given."""
    name, _, address = executor.partition("=")
    if name not in EXECUTORS or (address and name != "dask"):
        raise ToolError.at(
            "--executor", executor, "is none", f"{nearest(executor, EXECUTORS)}, dask=ADDRESS"
        )
    return name, address


@contextmanager
def _alone(order: _Order) -> Iterator[Crew]:
    yield Crew()


@contextmanager
def _processes(order: _Order) -> Iterator[Crew]:
    """Processes that get ready while this one goes on; none where there is too little to do."""
    cores = _cores()
    if cores == 1 or order.work <= ALONE:
        yield Crew()
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # forks of a server that has only loaded the modules: a fork of this process, with its threads
    # and perhaps Typst's, can hang
    context = get_context("forkserver")
    context.set_forkserver_preload(["rnnquiz.documents.produce", "rnnquiz.grade.mark"])
    with ProcessPoolExecutor(cores, context, _prepared, (order.prepare,)) as pool:
        for _ in range(cores):
            pool.submit(os.getpid)
        try:
            yield Crew(pool, cores)
        except BrokenExecutor:
            found = "was killed, perhaps for want of memory"
            raise ToolError.at(
                "--executor",
                "a process",
                found,
                "run it again, it goes on; or with --executor alone",
            ) from None
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _cores() -> int:
    # Those that this process may use, where the system tells: a container may have fewer.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _prepared(prepare: Callable[[], object]) -> None:
    """Ctrl-C is for the first process, which lets this one finish its piece. What is loaded by now
    is no garbage to come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Exception):  # what is at fault is reported by the work itself
        prepare()
    gc.freeze()


@contextmanager
def _dask(order: _Order) -> Iterator[Crew]:
    """The workers of a cluster, or of one that is started here; each must have the same version of
    this program."""
    distributed = _distributed()
    with scratch() as place:  # what workers that are short of memory put on the disk
        yield from _hired(distributed, _where(order.address, place), order)


def _distributed() -> Any:
    """The package of Dask for clusters; ToolError where it is not installed."""
    try:
        import distributed
    except ImportError:
        raise ToolError.at(
            "--executor", "dask", "is not installed", "pip install 'rnnquiz[dask]'"
        ) from None
    return distributed


def _where(address: str, place: Path) -> dict[str, Any]:
    """The cluster that there is, or one that is started here."""
    own = {"n_workers": _cores(), "threads_per_worker": 1, "dashboard_address": ":0"}
    return {"address": address} if address else {**own, "local_directory": str(place)}


def _knock(distributed: Any, address: str, patience: float) -> None:
    """ToolError where no cluster answers within so many seconds."""

    async def answer() -> None:
        security = distributed.Security().get_connection_args("client")
        reached = distributed.core.connect(address, timeout=patience, **security)
        # A server of another kind may take the connection, and then say nothing.
        comm = await asyncio.wait_for(reached, patience)
        await comm.close()

    # In a thread of its own: a notebook has a loop already where it calls this.
    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(asyncio.run, answer()).exception()
    # Whatever it is: what another server sends is read as anything, even as a size of exabytes.
    if error is not None:
        why = str(error) or f"no word in {patience:g} s"
        found = f"no cluster answers at {address}: {why}"
        remedy = "check host and port (tcp://host:8786); see that the scheduler runs"
        raise ToolError.at("--executor", "dask", found, remedy)


def _hired(distributed: Any, where: dict[str, Any], order: _Order) -> Iterator[Crew]:
    seconds = float(SECONDS_FOR_CLUSTER)
    if order.address:
        # First: a client that finds nobody waits for a minute when it is given up.
        _knock(distributed, order.address, order.patience)
        seconds = order.patience
    try:
        client = distributed.Client(timeout=seconds, set_as_default=False, **where)
    except (OSError, ValueError, RuntimeError) as error:
        found = f"no cluster can be started here: {error}"
        if order.address:
            found = f"the cluster at {order.address} does not take us: {error}"
        remedy = "look at its scheduler, or leave --executor out"
        raise ToolError.at("--executor", "dask", found, remedy) from None
    with client:
        hands = _fit_hands(client, order)
        executor = client.get_executor(pure=False)
        try:
            yield Crew(executor, hands, far=True)
        except distributed.KilledWorker as error:
            executor.shutdown(wait=False)
            # A worker that is just being started anew cannot be closed.
            with suppress(TimeoutError):
                client.wait_for_workers(hands, timeout=SECONDS_FOR_CLUSTER)
            remedy = "look at its workers, and run it again"
            raise ToolError.at("--executor", "the cluster", str(error)[:300], remedy) from None


def _fit_hands(client: Any, order: _Order) -> int:
    """How many threads its workers have: all must have the version of this program, or documents of
    one class would differ."""
    for worker, found in client.run(_version, on_error="return").items():
        if found != order.version:
            remedy = f"install rnnquiz {order.version} on each"
            raise ToolError.at("--executor", "a worker", f"{worker}: {found}", remedy)
    hands = sum(client.nthreads().values())
    if not hands:
        remedy = "start some: dask worker ADDRESS"
        raise ToolError.at("--executor", order.address, "the cluster has no worker", remedy)
    return int(hands)


def _version() -> str:
    return __version__


EXECUTORS: dict[str, Callable[[_Order], AbstractContextManager[Crew]]] = {
    "alone": _alone,
    "processes": _processes,
    "dask": _dask,
}
