"""A real PostgreSQL for tests: one server per worker, one database per test or file."""

import itertools
import os
from collections.abc import Iterator

import pytest

from tests import postgres

_count = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The server, started at first use. Where it cannot run, dependent tests are skipped with a message."""
    try:
        running = postgres.running()
        server = running.__enter__()
    except postgres.CannotRunError as fault:
        pytest.skip(f"no PostgreSQL: {fault}")
    try:
        yield server
    finally:
        running.__exit__(None, None, None)


def _fresh(server: postgres.Server) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_count)}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of a private empty database."""
    yield from _fresh(postgres_server)


@pytest.fixture(scope="module")
def postgres_url_of_module(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of a database that the tests of one file share."""
    yield from _fresh(postgres_server)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that use PostgreSQL or the browser, so that `-m "not postgres"` excludes them."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if any(name.startswith("postgres_") for name in names):
            item.add_marker(pytest.mark.postgres)
        if "chromium" in names:
            item.add_marker(pytest.mark.browser)
