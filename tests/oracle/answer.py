"""What a scripted target says."""

import dataclasses
import gzip

from text_bodies import CONTENT_TYPE as TEXT


@dataclasses.dataclass
class Answer:
    """A status of 0 closes the connection without a word; missing bytes are promised only."""

    body: bytes = b""
    status: int = 200
    headers: dict = dataclasses.field(default_factory=lambda: {"Content-Type": TEXT})
    delay: float = 0
    bytes_missing: int = 0


def answer_of(body, content_type):
    return Answer(body, headers={"Content-Type": content_type})


def text(body, **more):
    return Answer(body.encode(), **more)


def zipped(body, content_type=TEXT):
    return Answer(gzip.compress(body), headers={"Content-Type": content_type, "Content-Encoding": "gzip"})


def by_phase(*bodies, content_type=TEXT):
    """One body per phase, as text or bytes; None is a target out of order."""

    def answer(request):
        body = bodies[request.fleet.phase]
        if body is None:
            return Answer(b"out of order", status=500)
        return answer_of(body.encode() if isinstance(body, str) else body, content_type)

    return answer
