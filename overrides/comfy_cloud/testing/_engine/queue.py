"""Run the queue: accept jobs, start them up to a limit, keep their results, cancel and interrupt.

Running a job's graph is done by `execution`, checking a workflow by `validation`. Everything here is safe to call from
any thread.
"""

import heapq
import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from .events import EventBus, Message
from .execution import Context, Execution, WorkerDiedError
from .jobs import Job, State

MAX_FINISHED = 10_000  # jobs; older finished jobs are forgotten, as ComfyUI does


def now_ms() -> int:
    """Return the epoch time in milliseconds."""
    return int(time.time() * 1000)


class Engine:
    """Runs jobs in `max_concurrent_jobs` threads.

    With `by_number`, the queue is ordered by the number that a submit may choose and then by id, as on ComfyUI;
    otherwise jobs start in the order of submission. With `keeps_cancelled`, jobs that were cancelled while waiting are
    remembered. With `replaces_workers`, a job that kills its worker fails and the others go on; otherwise no job runs
    any more until `restart_worker`. `settle_time` is how long a job stays in progress after the message of its end, in
    seconds.
    """

    def __init__(
        self,
        context: Context,
        bus: EventBus,
        *,
        max_concurrent_jobs: int,
        by_number: bool,
        keeps_cancelled: bool,
        replaces_workers: bool,
        settle_time: float,
    ) -> None:
        self.max_concurrent_jobs = max_concurrent_jobs
        self._context = context
        self._bus = bus
        self._by_number = by_number
        self._keeps_cancelled = keeps_cancelled
        self._replaces_workers = replaces_workers
        self._settle_time = settle_time
        self._changed = threading.Condition()
        self._pending: list[tuple[float, str, int, Job]] = []
        self._running: list[Job] = []
        self._finished: OrderedDict[str, Job] = OrderedDict()
        self._sequence = itertools.count()
        self._paused = False
        self._dead = False
        self._closed = False
        self._threads: list[threading.Thread] = []
        for _ in range(max_concurrent_jobs):
            self._start_worker()

    def submit(
        self, job_id: str, number: float, prompt: dict[str, Any], extra_data: dict[str, Any] | None, outputs: list[str]
    ) -> Job:
        """Add a job to the queue."""
        created = now_ms()
        with self._changed:
            sequence = next(self._sequence)
            job = Job(job_id, number, sequence, prompt, extra_data, outputs, created=created, updated=created)
            # ComfyUI compares whole queue entries, and the id follows the number. The sequence number keeps the heap
            # from comparing jobs.
            entry = (number, job_id, sequence, job) if self._by_number else (0, "", sequence, job)
            heapq.heappush(self._pending, entry)
            self._changed.notify_all()
            self._publish_status()
        return job

    def find(self, job_id: str) -> Job | None:
        """Return the job of that id, or None. If an id was used twice, an active job is preferred to a finished one."""
        with self._changed:
            under_way = [job for job in (*self._running, *self._waiting()) if job.id == job_id]
            return under_way[0] if under_way else self._finished.get(job_id)

    def find_finished(self, job_id: str) -> Job | None:
        """Return the finished job of that id, or None, even if the id was used again for an active job."""
        with self._changed:
            return self._finished.get(job_id)

    def running(self) -> list[Job]:
        with self._changed:
            return list(self._running)

    def pending(self) -> list[Job]:
        """Return the waiting jobs in the order in which the queue holds them.

        The queue is a heap, and this order is not sorted.
        """
        with self._changed:
            return self._waiting()

    def finished(self) -> list[Job]:
        """Return the finished jobs, oldest first."""
        with self._changed:
            return list(self._finished.values())

    def remaining(self) -> int:
        """Return how many jobs are running or waiting."""
        with self._changed:
            return len(self._running) + len(self._pending)

    def full(self) -> bool:
        """Return whether as many jobs are running as can run at once."""
        with self._changed:
            return len(self._running) >= self.max_concurrent_jobs

    def cancel_pending(self, job_ids: Iterable[str] | None = None) -> list[str]:
        """Remove waiting jobs from the queue, or all of them if `job_ids` is None.

        Each given id removes one job, as on ComfyUI: an id that was used twice must be given twice. Return the ids of
        the removed jobs.
        """
        with self._changed:
            gone = self._waiting() if job_ids is None else []
            for job_id in job_ids or ():
                gone += [job for job in self._waiting() if job.id == job_id and job not in gone][:1]
            for job in gone:
                # Compare by identity, because two waiting jobs may have the same id.
                self._pending = [entry for entry in self._pending if entry[-1] is not job]
                self._end(job, "cancelled", keep=self._keeps_cancelled)
                if job_ids is not None:
                    self._publish_status()
            heapq.heapify(self._pending)
            if gone and not self._pending:
                # If the queue is empty afterwards, ComfyUI reports the change twice: for the queue and for the job.
                self._publish_status()
        return [job.id for job in gone]

    def interrupt(self, job_ids: Iterable[str] | None = None) -> list[str]:
        """Tell running jobs to stop, or all of them if `job_ids` is None.

        Return their ids. A job stops at its next step.
        """
        wanted = None if job_ids is None else set(job_ids)
        with self._changed:
            stopped = [job for job in self._running if wanted is None or job.id in wanted]
            for job in stopped:
                job.interrupted.set()
                job.updated = now_ms()
        return [job.id for job in stopped]

    def cancel(self, job_ids: Iterable[str]) -> list[str]:
        """Remove the waiting jobs from the queue and tell the running ones to stop. Return the ids of both."""
        wanted = list(job_ids)
        with self._changed:
            return self.cancel_pending(wanted) + self.interrupt(wanted)

    def interrupt_oldest(self) -> None:
        """Tell the oldest running job to stop. If none is running, cancel the oldest waiting job."""
        with self._changed:
            if self._running:
                self.interrupt([min(self._running, key=_age).id])
            elif self._pending:
                self.cancel_pending([min(self._waiting(), key=_age).id])

    def forget(self, job_ids: Iterable[str] | None = None) -> None:
        """Delete finished jobs, or all of them if `job_ids` is None."""
        with self._changed:
            for job_id in list(self._finished) if job_ids is None else job_ids:
                self._finished.pop(job_id, None)

    def lose(self, job_id: str) -> None:
        """Forget a job in any state. A running job is stopped and sends no more messages."""
        with self._changed:
            for job in [job for job in self._running if job.id == job_id]:
                job.lost = True
                job.interrupted.set()
                self._running.remove(job)
            self._pending = [entry for entry in self._pending if entry[-1].id != job_id]
            heapq.heapify(self._pending)
            self._finished.pop(job_id, None)
            self._publish_status()

    def pause(self) -> None:
        """Start no more jobs until `resume`. Running jobs continue."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Start waiting jobs again."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def wait_for(self, job_id: str, states: frozenset[State], timeout: float) -> Job:
        """Block until the job is in one of `states`. Raise TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._state(job_id) in states, timeout):
                wanted = " or ".join(sorted(states))
                raise TimeoutError(
                    f"timed out after {timeout} s: job {job_id} is {self._state(job_id) or 'unknown'}, not {wanted}"
                )
            job = self.find(job_id)
            assert job is not None
            return job

    def worker_is_dead(self) -> bool:
        """Return whether a job has killed the worker, so that no job runs until `restart_worker`."""
        with self._changed:
            return self._dead

    def wait_for_dead_worker(self, timeout: float) -> None:
        """Block until a job has killed the worker. Raise TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._dead, timeout):
                raise TimeoutError(f"timed out after {timeout} s: the worker is alive")

    def restart_worker(self) -> None:
        """Start new workers in place of those that died, as restarting the server would.

        The jobs that killed them are lost.
        """
        with self._changed:
            stuck = [job for job in self._running if job.killed_worker]
            self._running = [job for job in self._running if job not in stuck]
            self._dead = False
            self._changed.notify_all()
            for _ in stuck:
                self._start_worker()

    def close(self) -> None:
        """Interrupt the running jobs, start no more, and wait for the threads."""
        with self._changed:
            self._closed = True
            for job in self._running:
                job.interrupted.set()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _start_worker(self) -> None:
        # A daemon thread: a job that sleeps for hours must not keep the process of a test alive.
        thread = threading.Thread(target=self._work, name="comfy-emulator-worker", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                state = Execution(job, self._context).run()
            except WorkerDiedError:
                with self._changed:
                    job.killed_worker = True
                    if not self._replaces_workers:
                        # The one worker of a ComfyUI is a thread that nobody starts again. The job stays "running",
                        # and no other job ever starts.
                        self._dead = True
                        self._changed.notify_all()
                        return
                state = "failed"
            time.sleep(self._settle_time)
            with self._changed:
                # The job was removed when it was lost. It must not appear again among the finished jobs.
                if job.lost:
                    continue
                self._running.remove(job)
                self._end(job, state, keep=True)
                self._publish_status()
            # This end mark must be last: clients read the history as soon as it arrives, so the job must already be
            # there.
            self._bus.publish(Message("executing", {"node": None, "prompt_id": job.id}, job.id, job.client_id))

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._pending and not self._paused and not self._dead))
            if self._closed:
                return None
            job = heapq.heappop(self._pending)[-1]
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
            # An id can be used twice. The later job must also take the later place in the history.
            self._finished.pop(job.id, None)
            self._finished[job.id] = job
            while len(self._finished) > MAX_FINISHED:
                self._finished.popitem(last=False)
        self._changed.notify_all()

    def _waiting(self) -> list[Job]:
        return [entry[-1] for entry in self._pending]

    def _state(self, job_id: str) -> State | None:
        job = self.find(job_id)
        return None if job is None else job.state

    def _publish_status(self) -> None:
        # Publish under the lock: otherwise two quick changes could reach the clients in the wrong order.
        status = {"exec_info": {"queue_remaining": self.remaining()}}
        self._bus.publish(Message("status", {"status": status}))


def _age(job: Job) -> int:
    return job.sequence
