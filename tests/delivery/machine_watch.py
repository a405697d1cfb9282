"""How late a machine wakes those who have slept: on a busy one nothing is done as soon as it could be."""

import os
import threading
import time

NAP_SECONDS = 0.02
# How long before a kill a scrape must have been answered to count as had: what a quiet machine needs is a fraction of
# it, ROLLCALL_SETTLING_SECONDS=0.25 for one.
SETTLING_SECONDS = float(os.environ.get("ROLLCALL_SETTLING_SECONDS", "1"))
WAKINGS = 6  # threads that one after the other work on a scrape before it is safe


class MachineWatch:
    """Naps all the time and writes down how much longer each nap was than it should have been."""

    def __init__(self):
        self._late = []  # (when, by how much)
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        while not self._closed.is_set():
            began = time.monotonic()
            time.sleep(NAP_SECONDS)
            now = time.monotonic()
            self._late.append((now, now - began - NAP_SECONDS))

    def latest(self, begin, end):
        """The most that any nap was late between two times of the monotonic clock."""
        return max((late for when, late in list(self._late) if begin <= when <= end), default=0.0)

    def settling_seconds(self, begin, end):
        """How old a scrape that was answered at the begin must be at the end to count as had."""
        return SETTLING_SECONDS + WAKINGS * self.latest(begin, end)

    def close(self):
        self._closed.set()
