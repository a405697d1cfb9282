"""Bodies at the edges of each format, one target each: is it taken or refused, and how is it read?

Not all of them are text, so they are bytes, by what each is about.
"""

import openmetrics_bodies
import protobuf_bodies
import text_bodies

# Format -> the Content-Type and the bodies.
FORMATS = {
    "text": (text_bodies.CONTENT_TYPE, text_bodies.BODIES),
    "openmetrics": (openmetrics_bodies.CONTENT_TYPE_1, openmetrics_bodies.BODIES),
    "openmetrics 0.0.1": (openmetrics_bodies.CONTENT_TYPE_0, openmetrics_bodies.BODIES_0),
    "protobuf": (protobuf_bodies.CONTENT_TYPE, protobuf_bodies.BODIES),
}


def _paths():
    """Path -> format, what the body is about."""
    for at, (name, (_, bodies)) in enumerate(FORMATS.items()):
        for number, about in enumerate(bodies):
            yield f"/bodies/{at}/{number}", name, about


def answers():
    """Path -> Content-Type and body."""
    return {path: (FORMATS[name][0], FORMATS[name][1][about]) for path, name, about in _paths()}


def targets(wanted, address):
    """The targets of all bodies in a format as the items of a static_configs list, labelled with what each is about."""
    return "\n".join(
        f'      - {{targets: ["{address}"], labels: {{__metrics_path__: {path}, body: "{about}"}}}}'
        for path, name, about in _paths()
        if name == wanted
    )
