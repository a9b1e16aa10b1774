"""No log line of one test is counted aloud in the output of a later one.

The program reports repetitions five minutes later, from a thread. In a process of tests that is the time of another
test, which may compare what its commands have written.
"""

from typing import Final

from incident.logs import repeats

LONGEST: Final = 10.0
"""Seconds; a test of the reports themselves sets a shorter window."""

_begin_telling = repeats.Repeats._begin_telling


def _tell_soon_or_never(lines: repeats.Repeats) -> None:
    if repeats.WINDOW <= LONGEST:
        _begin_telling(lines)


repeats.Repeats._begin_telling = _tell_soon_or_never  # type: ignore[assignment, method-assign]
