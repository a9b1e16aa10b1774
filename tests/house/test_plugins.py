"""The test plugins, tested by small test runs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, source: str, plugins: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(source)
    names = [argument for plugin in plugins for argument in ("-p", f"tests.plugins.{plugin}")]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(folder),
        *names,
    ]
    # The name of the file is the outer run's: the inner one makes its own.
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "LOOPBACK_", "CI"))
    }
    return subprocess.run(
        [*command, str(folder / "test_inner.py")],
        cwd=ROOT,
        env={**inherited, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        capture_output=True,
        text=True,
    )


ATTEMPTS = [
    "socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'?', ('198.51.100.1', 53))",
    "socket.getaddrinfo('www.python.org', 443)",
    "threading.Thread(target=socket.create_connection, args=(('2001:db8::1', 80), 1)).start()",
    "subprocess.run([sys.executable, '-c', 'import socket; socket.create_connection((\"192.0.2.1\", 80), 1)'])",
]


def test_a_test_that_reaches_beyond_loopback_fails_even_if_it_hides_the_error(tmp_path: Path) -> None:
    source = "import contextlib, socket, subprocess, sys, threading, time\n"
    for number, attempt in enumerate(ATTEMPTS):
        source += (
            f"\n\ndef test_{number}():\n    with contextlib.suppress(OSError):\n"
            f"        {attempt}\n    while threading.active_count() > 1:\n        time.sleep(0.01)\n"
        )
    outcome = run(tmp_path, source, ["loopback"])
    assert outcome.returncode == 1, outcome.stdout
    for number in range(len(ATTEMPTS)):
        assert f"in test_inner.py::test_{number} (call)" in outcome.stdout
    assert outcome.stdout.count("\nTests stay on this machine. Tried: socket.") == len(ATTEMPTS)


def test_loopback_and_names_that_cannot_exist_are_no_fault(tmp_path: Path) -> None:
    source = """
import socket, pytest

def test_it():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nobody.invalid", 80)
"""
    outcome = run(tmp_path, source, ["loopback"])
    assert outcome.returncode == 0, outcome.stdout


LEFT_OUT = """
import pytest

@pytest.fixture
def thing():
    pytest.skip("no thing on this machine: install thing")

def test_with_thing(thing):
    pass

def test_without():
    pass
"""


def test_a_test_that_cannot_run_is_named_in_a_section_at_the_end(tmp_path: Path) -> None:
    outcome = run(tmp_path, LEFT_OUT, ["loud"])
    assert outcome.returncode == 0
    assert "1 TESTS DID NOT RUN" in outcome.stdout
    assert "1 x no thing on this machine: install thing" in outcome.stdout
    assert "test_inner.py::test_with_thing" in outcome.stdout


def test_a_test_that_cannot_run_fails_in_ci(tmp_path: Path) -> None:
    outcome = run(tmp_path, LEFT_OUT, ["loud"], CI="true")
    assert outcome.returncode == 1
    assert "may not be left out in CI: no thing on this machine" in outcome.stdout


def test_a_whole_file_that_leaves_itself_out_fails_in_ci(tmp_path: Path) -> None:
    source = "import pytest\n\npytest.importorskip('a_library_that_is_missing')\n\n\ndef test_it():\n    assert True\n"
    assert run(tmp_path, source, ["loud"]).returncode == 5
    assert run(tmp_path, source, ["loud"], CI="true").returncode not in (0, 5)


def test_settings_of_the_shell_do_not_reach_the_tests(tmp_path: Path) -> None:
    source = "import os\n\n\ndef test_it():\n    assert not {'INCIDENT_HOME', 'HTTPS_PROXY'} & os.environ.keys()\n"
    assert run(tmp_path, source, ["shell"], INCIDENT_HOME="/nowhere", HTTPS_PROXY="proxy.invalid").returncode == 0


def test_programs_of_tests_keep_their_bytecode_beside_the_cache_where_the_shell_wants_none(tmp_path: Path) -> None:
    source = "import sys\n\n\ndef test_it():\n    import subprocess\n"
    source += "    seen = 'import sys; print(sys.dont_write_bytecode, sys.pycache_prefix)'\n"
    source += "    said = subprocess.run([sys.executable, '-c', seen], capture_output=True, text=True).stdout\n"
    source += f"    assert said.split() == ['False', {str(tmp_path / '.pytest_cache' / 'bytecode')!r}]\n"
    outcome = run(tmp_path, source, ["shell"], PYTHONDONTWRITEBYTECODE="1", PYTHONPYCACHEPREFIX="")
    assert outcome.returncode == 0, outcome.stdout
