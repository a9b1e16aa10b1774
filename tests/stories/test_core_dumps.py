"""A crash writes no memory to the disk: keys, and names while they are typed, would be in it."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.served import Served

pytestmark = pytest.mark.slow

SHOW = "import wsgi, resource; print(resource.getrlimit(resource.RLIMIT_CORE))"


def family_of(pid: int) -> list[int]:
    """A process and everything that it has started."""
    found = [pid]
    for parent in found:
        tasks = Path(f"/proc/{parent}/task")
        found += [int(one) for task in tasks.iterdir() for one in (task / "children").read_text().split()]
    return found


def core_limits(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line for line in lines if line.startswith("Max core file size")).split()[4:6]


def allow_dumps() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def test_no_process_of_a_server_may_write_a_core_dump(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    with served.serving():
        assert served.process is not None
        family = family_of(served.process.pid)
        assert len(family) >= 4
        assert [limit for pid in family for limit in core_limits(pid)] == ["0"] * 2 * len(family)


def test_a_server_of_ones_own_may_not_write_one_either(tmp_path: Path) -> None:
    environ = os.environ | {"INCIDENT_HOME": str(tmp_path / "home")}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environ,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        timeout=60,
        preexec_fn=allow_dumps,
    )
    assert shown.stdout.decode().split("\n")[-2] == "(0, 0)"
