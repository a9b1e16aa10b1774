"""No test reaches beyond this machine: such connections are refused and fail the test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guard import loopback_watch

_GUARD = str(Path(loopback_watch.__file__).parent)


def pytest_configure(config: pytest.Config) -> None:
    """Watch this process and, by the environment, those that tests start."""
    handle, name = tempfile.mkstemp(prefix="beyond-loopback-")
    os.close(handle)
    os.environ[loopback_watch.FILE] = name
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != _GUARD]
    os.environ["PYTHONPATH"] = os.pathsep.join([_GUARD, *paths])
    loopback_watch.install()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    Path(os.environ[loopback_watch.FILE]).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def stays_on_this_machine() -> Iterator[None]:
    """Fails the test in which anything, in any thread or process, tried to leave the machine."""
    file = Path(os.environ[loopback_watch.FILE])
    before = file.stat().st_size
    yield
    if file.stat().st_size > before:
        tried = file.read_bytes()[before:].decode().strip().replace("\n", "; ")
        pytest.fail(f"Tests stay on this machine. Tried: {tried}", pytrace=False)
