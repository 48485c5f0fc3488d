"""The queue: accepts jobs, starts them up to a limit, keeps what became of them, cancels and interrupts.

Running a job's graph is `_execution`'s work; judging a workflow is `_validation`'s. Everything here is safe to
call from any thread.
"""

import heapq
import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from ._events import EventBus, Message
from ._execution import Execution, Surroundings
from ._jobs import Job, State

MAX_FINISHED = 10_000  # jobs; older finished ones are forgotten


def now_ms() -> int:
    return int(time.time() * 1000)


class Engine:
    """Runs jobs in `max_concurrent_jobs` threads.

    `by_number` orders the queue by the number that a submit may choose, as ComfyUI does; otherwise jobs start in
    the order of their submission. `keeps_cancelled` remembers jobs that were cancelled while they waited.
    """

    def __init__(
        self, around: Surroundings, bus: EventBus, *, max_concurrent_jobs: int, by_number: bool, keeps_cancelled: bool
    ) -> None:
        self.max_concurrent_jobs = max_concurrent_jobs
        self._around = around
        self._bus = bus
        self._by_number = by_number
        self._keeps_cancelled = keeps_cancelled
        self._changed = threading.Condition()
        self._pending: list[tuple[float, int, Job]] = []
        self._running: list[Job] = []
        self._finished: OrderedDict[str, Job] = OrderedDict()
        self._sequence = itertools.count()
        self._paused = False
        self._closed = False
        self._threads: list[threading.Thread] = []
        for _ in range(max_concurrent_jobs):
            self._start_worker()

    def submit(
        self, job_id: str, number: float, prompt: dict[str, Any], extra_data: dict[str, Any] | None, outputs: list[str]
    ) -> Job:
        created = now_ms()
        with self._changed:
            sequence = next(self._sequence)
            job = Job(job_id, number, sequence, prompt, extra_data, outputs, created=created, updated=created)
            heapq.heappush(self._pending, (number if self._by_number else 0, sequence, job))
            self._changed.notify_all()
            self._publish_status()
        return job

    def find(self, job_id: str) -> Job | None:
        """The job of that id; where an id was used twice, the one under way before the finished one."""
        with self._changed:
            under_way = [job for job in (*self._running, *self._waiting()) if job.id == job_id]
            return under_way[0] if under_way else self._finished.get(job_id)

    def running(self) -> list[Job]:
        with self._changed:
            return list(self._running)

    def pending(self) -> list[Job]:
        """The jobs that wait, in the order in which the queue holds them."""
        with self._changed:
            return self._waiting()

    def finished(self) -> list[Job]:
        """The jobs that ended, oldest first."""
        with self._changed:
            return list(self._finished.values())

    def remaining(self) -> int:
        """How many jobs are running or waiting."""
        with self._changed:
            return len(self._running) + len(self._pending)

    def full(self) -> bool:
        with self._changed:
            return len(self._running) >= self.max_concurrent_jobs

    def cancel_pending(self, job_ids: Iterable[str] | None = None) -> list[str]:
        """Take waiting jobs out of the queue, all of them without `job_ids`; returns the ids that were there."""
        wanted = None if job_ids is None else set(job_ids)
        with self._changed:
            gone = [job for job in self._waiting() if wanted is None or job.id in wanted]
            for job in gone:
                self._pending = [entry for entry in self._pending if entry[2] is not job]
                self._end(job, "cancelled", keep=self._keeps_cancelled)
                if wanted is not None:
                    self._publish_status()
            heapq.heapify(self._pending)
            if gone and not self._pending:
                # ComfyUI empties a queue of one and then removes the job from it: it tells twice.
                self._publish_status()
        return [job.id for job in gone]

    def interrupt(self, job_ids: Iterable[str] | None = None) -> list[str]:
        """Tell running jobs to stop, all of them without `job_ids`; returns the ids of those that ran. They stop at
        their next step."""
        wanted = None if job_ids is None else set(job_ids)
        with self._changed:
            stopped = [job for job in self._running if wanted is None or job.id in wanted]
            for job in stopped:
                job.interrupted.set()
                job.updated = now_ms()
        return [job.id for job in stopped]

    def cancel(self, job_ids: Iterable[str]) -> list[str]:
        """Take those that wait out of the queue and tell those that run to stop; returns the ids of both."""
        wanted = list(job_ids)
        with self._changed:
            return self.cancel_pending(wanted) + self.interrupt(wanted)

    def interrupt_oldest(self) -> None:
        """Tell the oldest running job to stop; where none runs, cancel the oldest that waits."""
        with self._changed:
            if self._running:
                self.interrupt([min(self._running, key=_age).id])
            elif self._pending:
                self.cancel_pending([min(self._waiting(), key=_age).id])

    def forget(self, job_ids: Iterable[str] | None = None) -> None:
        """Drop finished jobs, all of them without `job_ids`."""
        with self._changed:
            for job_id in list(self._finished) if job_ids is None else job_ids:
                self._finished.pop(job_id, None)

    def lose(self, job_id: str) -> None:
        """Know nothing of a job any more, whatever its state. One that runs is stopped and says nothing further."""
        with self._changed:
            for job in [job for job in self._running if job.id == job_id]:
                job.lost = True
                job.interrupted.set()
                self._running.remove(job)
            self._pending = [entry for entry in self._pending if entry[2].id != job_id]
            heapq.heapify(self._pending)
            self._finished.pop(job_id, None)
            self._publish_status()

    def pause(self) -> None:
        """Start no further jobs until `resume`; those that run go on."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def wait_for(self, job_id: str, states: frozenset[State], timeout: float) -> Job:
        """Block until the job is in one of `states`; raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._state(job_id) in states, timeout):
                wanted = " or ".join(sorted(states))
                raise TimeoutError(
                    f"job {job_id} is {self._state(job_id) or 'unknown'} after {timeout} s, not {wanted}"
                )
            job = self.find(job_id)
            assert job is not None
            return job

    def restart_worker(self) -> None:
        """Bring back the workers that died, as a restart of the server would; the jobs they died on are gone."""
        with self._changed:
            stuck = [job for job in self._running if job.extra_data is None]
            self._running = [job for job in self._running if job not in stuck]
            for _ in stuck:
                self._start_worker()

    def close(self) -> None:
        """Interrupt what runs, start nothing more, and wait for the threads."""
        with self._changed:
            self._closed = True
            for job in self._running:
                job.interrupted.set()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _start_worker(self) -> None:
        thread = threading.Thread(target=self._work, name="comfy-emulator-worker", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            if job.extra_data is None:
                # ComfyUI's worker looks into extra_data without looking at it, and ends with the error: the job
                # stays "running" and nothing behind it ever starts.
                return
            Execution(job, self._around).run()
            with self._changed:
                if job.lost:
                    continue
                self._running.remove(job)
                self._end(job, _outcome(job), keep=True)
                self._publish_status()
            self._bus.publish(Message("executing", {"node": None, "prompt_id": job.id}, job.id, job.client_id))

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._pending and not self._paused))
            if self._closed:
                return None
            job = heapq.heappop(self._pending)[2]
            job.state = "in_progress"
            job.started = job.updated = now_ms()
            self._running.append(job)
            self._changed.notify_all()
            self._publish_status()
            return job

    def _end(self, job: Job, state: State, *, keep: bool) -> None:
        job.state = state
        job.ended = job.updated = now_ms()
        if keep:
            self._finished.pop(job.id, None)
            self._finished[job.id] = job
            while len(self._finished) > MAX_FINISHED:
                self._finished.popitem(last=False)
        self._changed.notify_all()

    def _waiting(self) -> list[Job]:
        return [job for _, _, job in self._pending]

    def _state(self, job_id: str) -> State | None:
        job = self.find(job_id)
        return None if job is None else job.state

    def _publish_status(self) -> None:
        # Called under the lock, so that the messages of a queue that moves fast keep their order.
        status = {"exec_info": {"queue_remaining": self.remaining()}}
        self._bus.publish(Message("status", {"status": status}))


def _age(job: Job) -> int:
    return job.sequence


def _outcome(job: Job) -> State:
    last = job.messages[-1][0]
    outcomes: dict[str, State] = {"execution_success": "completed", "execution_interrupted": "cancelled"}
    return outcomes.get(last, "failed")
