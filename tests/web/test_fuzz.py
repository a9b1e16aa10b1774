"""Generated calls of every operation with a fixed seed, against the demonstration; `make fuzz` runs longer."""

import time

import pytest

from tests.fuzz.calls import make_calls
from tests.fuzz.instance import furnished

SEED = 20261128
EXAMPLES = 2
MAX_SECONDS = 180
"""CPU time of this process, which runs both sides; on an idle machine at least the elapsed time."""


@pytest.mark.slow
def test_generated_calls_find_nothing() -> None:
    began = time.process_time()
    with furnished() as instance:
        found = make_calls(instance, SEED, EXAMPLES)
    assert not found.findings, found.report()
    assert found.calls > 3_000
    assert found.statuses[200] > 300, found.report()
    assert found.statuses[201] > 20, found.report()
    assert not any(status >= 500 for status in found.statuses), found.report()
    assert time.process_time() - began < MAX_SECONDS
