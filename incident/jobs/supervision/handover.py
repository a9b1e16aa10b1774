"""A reload: the supervisor becomes a new image and hands over the parts that must not be interrupted.

The process id stays, and with it the children, the listening socket and the pipe by which the children know that
their parent lives. The new image starts children of its own and lets the old ones end their work in progress.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import NoReturn

VARIABLE = "INCIDENT_HANDED_OVER"
"""Environment variable with the handover for the new image."""

TRIAL = "INCIDENT_TRIAL"
"""Environment variable of a process that only tests whether a new image would start."""


@dataclass(frozen=True)
class Handover:
    """The handover from one image to the next.

    Args:
        listener: the descriptor of the listening socket; None where nothing is served.
        line: the pipe that the old children watch: its ends for reading and for writing.
        children: the old children: process id and role of each.
    """

    listener: int | None = None
    line: tuple[int, ...] = ()
    children: Mapping[int, str] = field(default_factory=dict)


NOTHING = Handover()


def is_trial() -> bool:
    """Whether this process only tests whether the program would start."""
    return TRIAL in os.environ


def take_over() -> Handover:
    """Return the handover of the previous image; nothing at an ordinary start."""
    given = os.environ.pop(VARIABLE, None)
    if given is None:
        return NOTHING
    document = json.loads(given)
    taken = Handover(
        document["listener"], tuple(document["line"]), {int(pid): role for pid, role in document["children"].items()}
    )
    for descriptor in _descriptors(taken):
        os.set_inheritable(descriptor, False)
    return taken


def try_out() -> int:
    """Start the program as a child that ends after the preparations of a start; return its process id."""
    return os.posix_spawn(sys.executable, _command(), {**os.environ, TRIAL: "1"}, setsigmask=[])


def become(handover: Handover) -> NoReturn:
    """Become a new image of the program; raises OSError when there is none."""
    for descriptor in _descriptors(handover):
        os.set_inheritable(descriptor, True)
    try:
        os.execve(  # noqa: S606  # the command is our own, as it was typed
            sys.executable, _command(), {**os.environ, VARIABLE: json.dumps(asdict(handover))}
        )
    finally:
        for descriptor in _descriptors(handover):
            os.set_inheritable(descriptor, False)


def _command() -> list[str]:
    return [sys.executable, *sys.orig_argv[1:]]


def _descriptors(handover: Handover) -> tuple[int, ...]:
    return handover.line if handover.listener is None else (handover.listener, *handover.line)
