"""Settings of the shell that started the tests are removed."""

import os
import sys

import pytest

# Proxies would bypass the loopback guard; the other variables change the program or its tools.
FORGOTTEN = ("INCIDENT_", "FLASK_", "GUNICORN_", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
UNWRITTEN = "PYTHONDONTWRITEBYTECODE"
BYTECODE = "PYTHONPYCACHEPREFIX"


def pytest_configure(config: pytest.Config) -> None:
    """Forget such settings once, before any test and any process that a test starts; files are private as its own."""
    os.umask(0o077)
    for name in list(os.environ):
        if name.startswith(FORGOTTEN) or name.lower() in PROXIES:
            del os.environ[name]
    if os.environ.pop(UNWRITTEN, None):
        # Every program that a test starts would compile itself for seconds: its bytecode is kept apart from the source.
        os.environ[BYTECODE] = os.environ.get(BYTECODE) or str(config.rootpath / ".pytest_cache" / "bytecode")
        sys.pycache_prefix, sys.dont_write_bytecode = os.environ[BYTECODE], False
