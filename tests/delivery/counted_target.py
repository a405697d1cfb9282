"""Targets that hand out every value once and remember each, so that nothing can be lost or made up unnoticed."""

import dataclasses
import threading
import time

from scripted_target import Target, whole
from write_receiver import STALE_BITS

SERIES = 20
NAME = "handed_out"
BUFFERED_SECONDS = 0.05
PATIENCE = 400  # milliseconds: the scrapes' timeout, and as much again for a machine that is late


@dataclasses.dataclass(frozen=True)
class Scrape:
    """What one answer held: the values from `first` on, one per series; every second one with this timestamp.

    `answered` is on the monotonic clock: when all of the answer had been given to the system.
    """

    address: str
    first: int
    timestamp: int
    asked: float
    answered: float


class CountedTarget(Target):
    """Counts over all of its scrapes; values of different targets differ by label only."""

    def __init__(self):
        self.answers = []
        self._next = 1
        self._counting = threading.Lock()
        super().__init__(lambda connection, _: self._answer(connection))

    def _answer(self, connection):
        asked = time.monotonic()
        with self._counting:
            first, self._next = self._next, self._next + SERIES
        timestamp = int(time.time() * 1000)
        lines = []
        for series in range(SERIES):
            explicit = f" {timestamp}" if series % 2 == 0 else ""
            lines.append(f'{NAME}{{series="{series:02}"}} {first + series}{explicit}\n')
        connection.sendall(whole("".join(lines).encode()))
        with self._counting:
            self.answers.append(Scrape(self.address, first, timestamp, asked, time.monotonic()))
        return True


class Delivered:
    """What arrived of what some targets handed out: (address, first value of the scrape) -> series -> timestamps."""

    def __init__(self, samples):
        self.scrapes = {}
        self.down = {}  # address -> how often it was said to be down
        self.faults = []
        for sample in samples:
            if sample.bits != STALE_BITS:
                self._take(sample)

    def gave_up(self, scrape):
        """Whether the daemon said itself that it did not wait for this one, as on a busy machine it may."""
        return any(-PATIENCE <= began - scrape.timestamp <= 0 for began in self.down.get(scrape.address, ()))

    def _take(self, sample):
        labels = dict(sample.labels)
        address = labels["instance"]
        if labels["__name__"] == "up" and sample.value == 0:
            self.down.setdefault(address, set()).add(sample.timestamp)
        if labels["__name__"] != NAME:
            return
        value, series = int(sample.value), int(labels["series"])
        first = value - series
        if first % SERIES != 1:
            self.faults.append(f"nobody handed this out: {sample}")
        self.scrapes.setdefault((address, first), {}).setdefault(series, set()).add(sample.timestamp)


def differences(targets, samples):
    """Compares what was handed out with what arrived: the scrapes of which something is missing, and other faults."""
    delivered = Delivered(samples)
    faults = list(delivered.faults)
    missing = []
    handed_out = {}
    for target in targets:
        handed_out.update({(scrape.address, scrape.first): scrape for scrape in target.answers})
    for key, scrape in handed_out.items():
        arrived = delivered.scrapes.get(key, {})
        if len(arrived) < SERIES:
            missing.append(scrape)
        explicit = {time for series, times in arrived.items() if series % 2 == 0 for time in times}
        implicit = {time for series, times in arrived.items() if series % 2 == 1 for time in times}
        if explicit - {scrape.timestamp}:
            faults.append(f"{key} was handed out at {scrape.timestamp} and arrived with {explicit}")
        if len(implicit) > 1:
            faults.append(f"{key} arrived with several timestamps: {implicit}")
    faults += [f"nobody handed this out: {key}" for key in delivered.scrapes.keys() - handed_out.keys()]
    return [each for each in missing if not delivered.gave_up(each)], faults


def age_at_end(scrape, ends):
    """How long before the end of the daemon it was answered, given the times of all ends; 0 when it came too late.

    Of the system's buffers an answer may disappear for a moment longer than there is somebody to read it.
    """
    return max(0.0, min(end - scrape.answered for end in ends if end + BUFFERED_SECONDS >= scrape.answered))
