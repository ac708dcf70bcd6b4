"""Work beside the kernel: one job at a time, which can be stopped or forgotten.

a function -> a thread of its own -> what it tells, for as long as nobody has forgotten it
"""

import threading
import weakref
from collections.abc import Callable

NAME = "sgim studio"
_workers: "weakref.WeakSet[Worker]" = weakref.WeakSet()


class Job:
    """One piece of work, as the work itself sees it."""

    def __init__(self, worker: "Worker"):
        self._worker = worker
        self._stop = threading.Event()

    @property
    def stop_asked(self) -> bool:
        """True from `Worker.stop` or `Worker.forget` on; the work then ends as soon as it can."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the work to end."""
        self._stop.set()

    def tell(self, show: Callable, *values) -> None:
        """Call `show(*values)` unless the job is forgotten, which cannot happen in between."""
        with self._worker.lock:
            if self._worker.current is self:
                show(*values)


class Worker:
    """Runs one job at a time.

    At most one of a kernel's workers is at work: a new worker, and each start, stop the others, so
    a cell that is run again leaves no job behind.

    Parameters
    ----------
    ended : callable
        Called, in the job's thread, after a job that nobody has forgotten and that none waits for.
    """

    def __init__(self, ended: Callable[[], None] = lambda: None):
        self._ended = ended
        self.lock = threading.RLock()
        self.current: Job | None = None
        self._waiting: Callable[[Job], None] | None = None
        self._threads: list[threading.Thread] = []
        self._stop_others()
        _workers.add(self)

    @property
    def is_busy(self) -> bool:
        """Whether there is a job that is not forgotten."""
        return self.current is not None

    def start(self, work: Callable[[Job], None]) -> None:
        """Run `work(job)` in a thread; the job before must have ended or be forgotten."""
        self._stop_others()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        job = self.current = Job(self)
        thread = threading.Thread(target=self._run, args=(job, work), daemon=True, name=NAME)
        self._threads.append(thread)
        thread.start()

    def start_latest(self, work: Callable[[Job], None]) -> None:
        """Run `work(job)` as soon as no job runs; of several that wait the last one counts."""
        with self.lock:
            if self.is_busy:
                self._waiting = work
            else:
                self.start(work)

    def stop(self) -> None:
        """Ask the job to end; it still tells what it has."""
        job = self.current
        if job is not None:
            job.stop()

    def forget(self) -> None:
        """Ask the job to end, and let it tell nothing more."""
        with self.lock:
            self.stop()
            self.current = self._waiting = None

    def wait(self, timeout: float | None = None) -> None:
        """Return when all jobs have ended, forgotten ones too, or after `timeout` seconds each."""
        waited: set[threading.Thread] = set()
        while threads := set(self._threads) - waited:
            for thread in threads:
                thread.join(timeout)
            waited |= threads

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
        finally:
            with self.lock:
                if self.current is job:
                    self.current = None
                    waiting, self._waiting = self._waiting, None
                    if waiting is None:
                        self._ended()
                    else:
                        self.start(waiting)

    def _stop_others(self) -> None:
        for other in list(_workers):
            if other is not self:
                other.stop()
