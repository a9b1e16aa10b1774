"""The access log of a running program: written by its workers, including reads just before the end."""

from pathlib import Path

import pytest

from tests.stories.served import Served, wait_until

pytestmark = pytest.mark.slow


def test_a_read_is_recorded_within_seconds_and_the_last_one_before_a_stop_as_well(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    token = served.token("administrator")
    red = {"title": "A mole", "tlp": "red"}

    def counts() -> list[int]:
        items = served.call("GET", "/access-log?kind=incident", token).json()["items"]
        return [one["count"] for one in items]

    with served.serving():
        number = served.call("POST", "/incidents", token, red).json()["number"]
        served.call("GET", f"/incidents/{number}", token)
        wait_until(lambda: sum(counts()) >= 1, 10, "the read is recorded")
        before = sum(counts())
        served.call("GET", f"/incidents/{number}", token)
        assert served.stop() == 0
    with served.serving():
        assert sum(counts()) > before
