"""Generated calls of every operation with a fixed seed, against the demonstration; `make fuzz` runs longer."""

import pytest

from tests.fuzz.calls import make_calls
from tests.fuzz.instance import furnished

SEED = 20261128
EXAMPLES = 5


@pytest.mark.slow
def test_generated_calls_find_nothing() -> None:
    with furnished() as instance:
        found = make_calls(instance, SEED, EXAMPLES)
    assert not found.findings, found.report()
    assert found.calls > 3_000
    assert found.statuses[200] > 300, found.report()
    assert found.statuses[201] > 20, found.report()
    assert not any(status >= 500 for status in found.statuses), found.report()
