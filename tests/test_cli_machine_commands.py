"""The switch that stops all machine commands, on the command line."""

from pathlib import Path

from tests.test_cli import Terminal


def test_commands_are_stopped_said_and_resumed(tmp_path: Path, sqlite_url: str) -> None:
    terminal = Terminal(tmp_path / "home")
    assert "not stopped" in terminal.good("commands", "status")
    assert "by cli: Wrong answers" in terminal.good("commands", "stop", "--reason", "Wrong answers")
    assert "0 waiting, 0 running" in terminal.good("commands", "status")
    assert "not stopped" in terminal.good("commands", "resume")
