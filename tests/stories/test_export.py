"""A serving program exports its journal; the exporting process is killed and nothing is lost."""

import os
import signal
from pathlib import Path

import pytest

from tests import collectors
from tests.stories.served import Served, children, wait_until

pytestmark = pytest.mark.slow


def _sender(served: Served) -> int | None:
    return children(served.pid).get("incident-export")


def test_a_killed_sender_is_started_again_and_sends_every_entry_in_order(tmp_path: Path) -> None:
    served = Served(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'incident.db'}")
    with collectors.running() as sink:
        served.environ["INCIDENT_EXPORT_TO"] = f"tcp://127.0.0.1:{sink.port}"
        with served.serving():
            token = served.token()
            served.call("POST", "/departments", token, {"code": "net", "name": "Network"})
            for number in range(12):
                assert served.call("POST", "/incidents", token, {"title": f"{number}", "departments": ["net"]}).ok
                if number in {3, 7}:
                    killed = children(served.pid)["incident-export"]
                    os.kill(killed, signal.SIGKILL)
                    wait_until(lambda killed=killed: _sender(served) not in {None, killed}, 60, "it is started again")
            last = int(served.run("journal", "verify").stdout.split("head ")[1].partition(":")[0])
            wait_until(lambda: last in sink.seqs, 90, "everything has arrived")
            got = sink.seqs
    assert set(got) == set(range(1, max(got) + 1))
    firsts = list(dict.fromkeys(got))
    assert firsts == sorted(firsts), "each comes first in its order"
