"""What is logged tells where a fault is, and no secret."""

from pathlib import Path

import pytest
import structlog

from incident import config
from incident.app import create_core


def fail(secret: str) -> None:
    try:
        raise ValueError("it failed")
    except ValueError:
        structlog.get_logger().exception("a fault", length=len(secret))


def test_a_logged_fault_shows_its_place_and_no_local_variable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_core(config.read({"INCIDENT_HOME": str(tmp_path / "home")}))
    fail("hunter2")
    told = capsys.readouterr().err
    assert "ValueError: it failed" in told
    assert "test_logs.py" in told
    assert "hunter2" not in told
    structlog.reset_defaults()
